// A small MCP server (Streamable HTTP, with sessions) that takes only access tokens issued for it.
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { createServer } from 'node:http';
import { randomUUID } from 'node:crypto';

export function resourceServer({ issuer, resource, scope }) {
  const { origin, pathname } = new URL(resource);
  const metadataPath = `/.well-known/oauth-protected-resource${pathname}`;
  const metadata = { resource, authorization_servers: [issuer], scopes_supported: [scope], bearer_methods_supported: ['header'] };
  const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`));
  const sessions = new Map();

  return createServer((request, response) => {
    answer(request, response).catch((failure) => {
      console.error(failure);
      response.destroy();
    });
  });

  async function answer(request, response) {
    const { pathname: path } = new URL(request.url, origin);
    if (path === metadataPath && request.method === 'GET') return json(response, 200, metadata);
    if (path !== pathname) return json(response, 404, { error: 'not_found' });

    const auth = await authenticate(request);
    if (!auth.token) {
      const challenge = `Bearer ${auth.problem}resource_metadata="${origin}${metadataPath}", scope="${scope}"`;
      return json(response, auth.status, { error: 'no_access' }, { 'www-authenticate': challenge });
    }
    request.auth = auth;

    const id = request.headers['mcp-session-id'];
    const transport = id === undefined ? await newTransport() : sessions.get(id);
    if (!transport) return json(response, 404, { error: 'session_not_found' });
    return transport.handleRequest(request, response);
  }

  /** The caller's token and what it says, or the status and the challenge's first words (RFC 6750 §3). */
  async function authenticate(request) {
    const [, token] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
    if (!token) return { status: 401, problem: '' };
    try {
      // RFC 9068 §4, RFC 8707 §2: an access token of our issuer, for this resource.
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        audience: resource,
        typ: 'at+jwt',
        algorithms: ['RS256'],
        requiredClaims: ['exp', 'sub', 'client_id'],
      });
      const scopes = (payload.scope ?? '').split(' ');
      if (!scopes.includes(scope)) return { status: 403, problem: 'error="insufficient_scope", ' };
      return { token, clientId: payload.client_id, scopes, expiresAt: payload.exp, extra: { subject: payload.sub } };
    } catch (failure) {
      console.error(`token refused: ${failure.message}`);
      return { status: 401, problem: 'error="invalid_token", ' };
    }
  }

  async function newTransport() {
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => sessions.set(id, transport),
      onsessionclosed: (id) => sessions.delete(id),
    });
    await mcpServer().connect(transport);
    return transport;
  }
}

function mcpServer() {
  const server = new McpServer({ name: 'oidc-provider-peer', version: '1.0.0' });
  server.registerTool('whoami', { description: 'Names the account that the access token was issued to.' }, ({ authInfo }) => ({
    content: [{ type: 'text', text: authInfo.extra.subject }],
  }));
  return server;
}

function json(response, status, body, headers = {}) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}
