// The npm package `@cloudflare/workers-oauth-provider` with an MCP server behind it; prints `ready` when both serve. MCP_SETTING:
// `one` is one Worker that is both servers, and registers clients; `split` is two Workers, of which the authorization server also
// reads client metadata documents.
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { signInHtml } from './consent-page.mjs';
import { documentAt } from './oidc-settings.mjs';
import { SCOPES, USE, scopesFor } from './scopes.mjs';
import { mcpServer } from './tools.mjs';
import { MemoryNamespace, workerServer } from './workers.mjs';

const { AuthorizationError, OAuthAuthorizationServer, OAuthProvider, OAuthResourceServer, insufficientScope } =
  await import('@cloudflare/workers-oauth-provider');

const { MCP_PORT, MCP_AUTH_PORT, MCP_SETTING, MCP_TOKEN_LIFE = '60' } = process.env;
const isOne = MCP_SETTING === 'one';
const origin = `http://localhost:${MCP_PORT}`;
const resource = `${origin}/mcp`;
const issuer = isOne ? origin : `http://localhost:${MCP_AUTH_PORT}`;
// The package refuses shorter lives than a minute, because KV namespaces do.
const accessTokenTTL = Math.max(60, Number(MCP_TOKEN_LIFE));
const settings = { accessTokenTTL, scopesSupported: SCOPES, clientRegistrationEndpoint: '/register' };
const resourceMetadata = { resource, authorization_servers: [issuer] };
const sessions = new Map();

/** The package's handler for requests whose access token it has verified. */
const api = {
  async fetch(request, _env, { auth }) {
    const message = request.method === 'POST' ? await request.clone().json().catch(() => undefined) : undefined;
    const needed = scopesFor(message);
    if (!needed.every((scope) => auth.scope.includes(scope))) return insufficientScope(auth, needed);
    const id = request.headers.get('mcp-session-id');
    const transport = id === null ? await newTransport() : sessions.get(id);
    if (!transport) return Response.json({ error: 'session_not_found' }, { status: 404 });
    const authInfo = { token: auth.token, clientId: auth.clientId, scopes: auth.scope, extra: { account: auth.userId } };
    return transport.handleRequest(request, { authInfo, parsedBody: message });
  },
};

async function newTransport() {
  const transport = new WebStandardStreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    onsessioninitialized: (id) => sessions.set(id, transport),
    onsessionclosed: (id) => sessions.delete(id),
  });
  await mcpServer('workers-oauth-provider-peer', ({ extra }) => extra.account).connect(transport);
  return transport;
}

/** The consent page, which the package leaves to the one who uses it. */
async function authorize(request, oauth) {
  try {
    return request.method === 'POST' ? await approved(request, oauth) : await asked(request, oauth);
  } catch (failure) {
    if (!(failure instanceof AuthorizationError)) throw failure;
    if (failure.redirectTo) return Response.redirect(failure.redirectTo, 302);
    return new Response(failure.description, { status: 400 });
  }
}

async function asked(request, oauth) {
  const wish = await oauth.parseAuthRequest(request);
  const { clientName } = await oauth.describeConsent(wish);
  const { handle, headers } = await oauth.beginConsent(wish);
  headers.set('content-type', 'text/html; charset=utf-8');
  return new Response(signInHtml('/authorize', clientName, wish.scope, { handle }), { headers });
}

async function approved(request, oauth) {
  const form = await request.clone().formData();
  const { request: wish, headers } = await oauth.approveConsent(request, form.get('handle'));
  const userId = form.get('login');
  const { redirectTo } = await oauth.completeAuthorization({ request: wish, userId, metadata: {}, scope: wish.scope, props: { userId } });
  headers.set('location', redirectTo);
  return new Response(null, { status: 302, headers });
}

function oneWorker() {
  const defaultHandler = { fetch: (request, { OAUTH_PROVIDER }) => (isAuthorize(request) ? authorize(request, OAUTH_PROVIDER) : missing()) };
  return new OAuthProvider({
    ...settings, apiRoute: '/mcp', apiHandler: api, defaultHandler, authorizeEndpoint: '/authorize', tokenEndpoint: '/oauth/token',
    resourceMetadata, requiredScopes: [USE],
  });
}

function twoWorkers(env) {
  const server = new OAuthAuthorizationServer({ ...settings, issuer, resources: [resource], clientIdMetadataDocumentEnabled: true });
  const authorization = {
    fetch: (request, _env, ctx) => (isAuthorize(request) ? authorize(request, server.getOAuthApi(env)) : server.fetch(request, env, ctx)),
  };
  const validateToken = () => (audience, token) => server.validateToken(audience, token, env);
  return { authorization, mcp: new OAuthResourceServer({ resourceMetadata, requiredScopes: [USE], validateToken, handler: api }) };
}

function isAuthorize({ url }) {
  return new URL(url).pathname === '/authorize';
}

function missing() {
  return new Response('Not found', { status: 404 });
}

// What the package fetches is the metadata documents of clients, at their public addresses.
const { fetch: outside } = globalThis;
globalThis.fetch = (url, options) => (URL.canParse(url) && new URL(url).hostname === 'client.example' ? documentAt(new URL(url), issuer, options) : outside(url, options));

const env = { OAUTH_KV: new MemoryNamespace() };
const { authorization, mcp } = isOne ? { mcp: oneWorker() } : twoWorkers(env);
await once(workerServer(mcp, env, origin).listen(MCP_PORT, '127.0.0.1'), 'listening');
if (authorization) await once(workerServer(authorization, env, issuer).listen(MCP_AUTH_PORT, '127.0.0.1'), 'listening');
console.log('ready');
