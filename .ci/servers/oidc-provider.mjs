// Starts the authorization server and the MCP server that trusts it; prints `ready` when both serve.
import { once } from 'node:events';
import { authorizationServer } from './authorization-server.mjs';
import { settingsOf } from './oidc-settings.mjs';
import { resourceServer } from './resource-server.mjs';

// MCP_HOST: another name of this machine makes it another site for a browser. MCP_CONSENT: see authorization-server.mjs.
// MCP_SETTING: see oidc-settings.mjs; MCP_TOKEN_LIFE: of access tokens, in seconds.
const { MCP_PORT, MCP_AUTH_PORT, MCP_HOST = 'localhost', MCP_CONSENT = 'given', MCP_SETTING } = process.env;
const issuer = `http://${MCP_HOST}:${MCP_AUTH_PORT}`;
const parties = {
  issuer,
  resource: `http://${MCP_HOST}:${MCP_PORT}/mcp`,
  consent: MCP_CONSENT,
  tokenLife: Number(process.env.MCP_TOKEN_LIFE ?? 60),
  setting: MCP_SETTING && settingsOf(MCP_SETTING, issuer),
};
// RFC 9068 §4, RFC 8707 §2: an access token of our issuer, for this resource.
const tokens = { keys: `${issuer}/jwks`, typ: 'at+jwt', claims: ['exp', 'sub', 'client_id'] };

await Promise.all([
  once((await authorizationServer(parties)).listen(MCP_AUTH_PORT, '127.0.0.1'), 'listening'),
  once(resourceServer({ ...parties, tokens, name: 'oidc-provider-peer' }).listen(MCP_PORT, '127.0.0.1'), 'listening'),
]);
console.log('ready');
