// The authorization server of the npm package `oidc-provider`, and FastMCP's `OAuthProxy` before it (fastmcp.py), which the MCP
// server and its clients see instead; prints `ready` when both serve. PYTHON runs the proxy.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { authorizationServer } from './authorization-server.mjs';
import { child } from './child.mjs';

const { PYTHON, FASTMCP, MCP_PORT, MCP_AUTH_PORT, MCP_TOKEN_LIFE = '60' } = process.env;
const issuer = `http://localhost:${MCP_AUTH_PORT}`;
const origin = `http://localhost:${MCP_PORT}`;
const secret = randomBytes(24).toString('base64url');
const proxy = {
  client_id: 'fastmcp-proxy',
  client_secret: secret,
  token_endpoint_auth_method: 'client_secret_basic',
  redirect_uris: [`${origin}/auth/callback`],
  grant_types: ['authorization_code', 'refresh_token'],
  application_type: 'native',
};
const server = await authorizationServer({
  issuer, resource: `${origin}/mcp`, consent: 'pages', tokenLife: Number(MCP_TOKEN_LIFE), setting: { clients: [proxy] },
});
await once(server.listen(MCP_AUTH_PORT, '127.0.0.1'), 'listening');

child(PYTHON, [FASTMCP], { MCP_UPSTREAM: issuer, MCP_UPSTREAM_CLIENT: proxy.client_id, MCP_UPSTREAM_SECRET: secret });
