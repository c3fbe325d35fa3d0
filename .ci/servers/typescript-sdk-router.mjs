// The TypeScript SDK's `mcpAuthRouter` and its bearer check, with an MCP server behind them; prints `ready` when it serves. With
// MCP_TRANSPORT=sse that server speaks HTTP+SSE, at `/sse`, and one without authorization is beside it, at `/open/sse`.
import { randomUUID } from 'node:crypto';
import { mcpAuthRouter, getOAuthProtectedResourceMetadataUrl } from '@modelcontextprotocol/sdk/server/auth/router.js';
import { requireBearerAuth } from '@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js';
import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import express from 'express';
import { SCOPES, scopesFor } from './scopes.mjs';
import { mcpServer } from './tools.mjs';
import { MemoryProvider } from './typescript-sdk-provider.mjs';

const origin = `http://localhost:${process.env.MCP_PORT}`;
const overSse = process.env.MCP_TRANSPORT === 'sse';
const resource = new URL(overSse ? '/sse' : '/mcp', origin);
const provider = new MemoryProvider({ resource: resource.href, tokenLife: Number(process.env.MCP_TOKEN_LIFE ?? 60) });
const sessions = new Map();

const app = express();
app.use(mcpAuthRouter({ provider, issuerUrl: new URL(origin), resourceServerUrl: resource, scopesSupported: SCOPES }));
app.post('/consent/:id', express.urlencoded({ extended: false }), (request, response) => {
  const location = provider.approve(request.params.id, request.body.login);
  if (location) response.redirect(302, location);
  else response.status(400).send('This page is over.');
});
if (overSse) {
  serveSse('', authenticate);
  serveSse('/open', (request, response, next) => next());
} else {
  app.all('/mcp', express.json(), authenticate, serve);
}
app.listen(Number(process.env.MCP_PORT), '127.0.0.1', () => console.log('ready'));

function authenticate(request, response, next) {
  const requiredScopes = scopesFor(request.body);
  const resourceMetadataUrl = getOAuthProtectedResourceMetadataUrl(resource);
  return requireBearerAuth({ verifier: provider, requiredScopes, resourceMetadataUrl })(request, response, next);
}

async function serve(request, response) {
  const id = request.headers['mcp-session-id'];
  const transport = id === undefined ? await newTransport() : sessions.get(id);
  if (!transport) return response.status(404).json({ error: 'session_not_found' });
  return transport.handleRequest(request, response, request.body);
}

function serveSse(path, guard) {
  const streams = new Map();
  app.get(`${path}/sse`, guard, async (request, response) => {
    const transport = new SSEServerTransport(`${path}/messages`, response);
    streams.set(transport.sessionId, transport);
    transport.onclose = () => streams.delete(transport.sessionId);
    await mcpServer('typescript-sdk-sse-peer', ({ extra }) => extra.account).connect(transport);
  });
  app.post(`${path}/messages`, express.json(), guard, async (request, response) => {
    const transport = streams.get(request.query.sessionId);
    if (!transport) return response.status(404).send('no such session');
    return transport.handlePostMessage(request, response, request.body);
  });
}

async function newTransport() {
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    onsessioninitialized: (id) => sessions.set(id, transport),
    onsessionclosed: (id) => sessions.delete(id),
  });
  await mcpServer('typescript-sdk-peer', ({ extra }) => extra.account).connect(transport);
  return transport;
}
