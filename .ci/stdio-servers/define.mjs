// Prints the file for STDIO_SERVERS: define.mjs NODE PACKAGES SCRIPTS
const [node, packages, scripts] = process.argv.slice(2);
const define = (...parameters) => ({ command: [node, ...parameters], environment: ['EXAMPLE_API_KEY'], folder: packages });
console.log(JSON.stringify({
  servers: {
    everything: define(`${packages}/node_modules/@modelcontextprotocol/server-everything/dist/index.js`, 'stdio'),
    modern: define(`${scripts}/modern.mjs`),
  },
}));
