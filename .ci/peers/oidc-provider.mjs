// Starts the authorization server and the MCP server that trusts it; prints `ready` when both serve.
import { once } from 'node:events';
import { authorizationServer } from './authorization-server.mjs';
import { resourceServer } from './resource-server.mjs';

// MCP_HOST: another name of this machine makes it another site for a browser. MCP_CONSENT=ask: a person decides.
const { MCP_PORT = '9411', MCP_AUTH_PORT = '9412', MCP_HOST = 'localhost', MCP_CONSENT = 'given' } = process.env;
const parties = {
  issuer: `http://${MCP_HOST}:${MCP_AUTH_PORT}`,
  resource: `http://${MCP_HOST}:${MCP_PORT}/mcp`,
  scope: 'mcp:tools',
  asks: MCP_CONSENT === 'ask',
};

await Promise.all([
  once((await authorizationServer(parties)).listen(MCP_AUTH_PORT, '127.0.0.1'), 'listening'),
  once(resourceServer(parties).listen(MCP_PORT, '127.0.0.1'), 'listening'),
]);
console.log('ready');
