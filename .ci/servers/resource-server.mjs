// A small MCP server (Streamable HTTP, with sessions) that takes only JWT access tokens issued for it.
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { createServer } from 'node:http';
import { randomUUID } from 'node:crypto';
import { json } from 'node:stream/consumers';
import { USE, scopesFor } from './scopes.mjs';
import { mcpServer } from './tools.mjs';

/** @param tokens what its access tokens look like: `keys` (a URL), `typ` (where they have one), and the `claims` that each has */
export function resourceServer({ issuer, resource, tokens, name }) {
  const { origin, pathname } = new URL(resource);
  const metadataPath = `/.well-known/oauth-protected-resource${pathname}`;
  const metadata = { resource, authorization_servers: [issuer], scopes_supported: [USE], bearer_methods_supported: ['header'] };
  const keys = createRemoteJWKSet(new URL(tokens.keys));
  const sessions = new Map();

  return createServer((request, response) => {
    answer(request, response).catch((failure) => {
      console.error(failure);
      response.destroy();
    });
  });

  async function answer(request, response) {
    const { pathname: path } = new URL(request.url, origin);
    if (path === metadataPath && request.method === 'GET') return send(response, 200, metadata);
    if (path !== pathname) return send(response, 404, { error: 'not_found' });

    const message = request.method === 'POST' ? await json(request).catch(() => undefined) : undefined;
    const needed = scopesFor(message);
    const auth = await authenticate(request, needed);
    if (!auth.token) {
      const challenge = `Bearer ${auth.problem}resource_metadata="${origin}${metadataPath}", scope="${needed.join(' ')}"`;
      return send(response, auth.status, { error: 'no_access' }, { 'www-authenticate': challenge });
    }
    request.auth = auth;

    const id = request.headers['mcp-session-id'];
    const transport = id === undefined ? await newTransport() : sessions.get(id);
    if (!transport) return send(response, 404, { error: 'session_not_found' });
    return transport.handleRequest(request, response, message);
  }

  /** The caller's token and what it says, or the status and the challenge's first words (RFC 6750 §3). */
  async function authenticate(request, needed) {
    const [, token] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
    if (!token) return { status: 401, problem: '' };
    try {
      const { typ, claims } = tokens;
      const { payload } = await jwtVerify(token, keys, { issuer, audience: resource, typ, algorithms: ['RS256'], requiredClaims: claims });
      const scopes = [payload.scope ?? ''].flat().join(' ').split(' '); // some issuers make a list of it
      if (!needed.every((scope) => scopes.includes(scope))) return { status: 403, problem: 'error="insufficient_scope", ' };
      const clientId = payload.client_id ?? payload.azp;
      return { token, clientId, scopes, expiresAt: payload.exp, extra: { account: payload.preferred_username ?? payload.sub } };
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
    await mcpServer(name, ({ extra }) => extra.account).connect(transport);
    return transport;
  }
}

function send(response, status, body, headers = {}) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}
