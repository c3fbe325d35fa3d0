// Starts the authorization server and the MCP server that trusts it; prints `ready` when both serve.
import { once } from 'node:events';
import { authorizationServer } from './authorization-server.mjs';
import { resourceServer } from './resource-server.mjs';

const { MCP_PORT = '9411', MCP_AUTH_PORT = '9412' } = process.env;
const parties = {
  issuer: `http://localhost:${MCP_AUTH_PORT}`,
  resource: `http://localhost:${MCP_PORT}/mcp`,
  scope: 'mcp:tools',
};

await Promise.all([
  once((await authorizationServer(parties)).listen(MCP_AUTH_PORT, '127.0.0.1'), 'listening'),
  once(resourceServer(parties).listen(MCP_PORT, '127.0.0.1'), 'listening'),
]);
console.log('ready');
