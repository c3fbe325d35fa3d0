// Plays an app and its user's browser for one scenario of the official conformance suite: registers the MCP server whose
// URL is the last argument, connects, does what the server offers, disconnects. Everything goes through the service's
// public HTTP API at SERVICE_BASE. MCP_CONFORMANCE_CONTEXT may hold client credentials and calls to make; which
// scenario it is, and which protocol version, the driver does not know and so cannot tell the service.
import { randomUUID } from 'node:crypto';
import { Api } from './api.mjs';
import { Browser } from './browser.mjs';
import { argumentsFor } from './arguments.mjs';

// Below the suite's own time-out, because the suite waits for a process that it has given up. 124 as in timeout(1).
const DEADLINE_MS = 45_000;
const TIMED_OUT = 124;

const SERVER = '/api/mcp/servers/target';
const ACCESS = '/api/mcp/oauth/access-resource';

async function run(serverUrl, context) {
  const base = new URL(process.env.SERVICE_BASE);
  const api = new Api(base, randomUUID(), new Browser(base.origin));
  await api.ok('PUT', SERVER, await record(api, serverUrl, context));

  const connection = await api.ok('POST', `${SERVER}/connect`, {});
  if (connection.status === 'authorization_required') await api.consent(connection.authorization_url);
  else if (connection.status !== 'connected') throw new Error(`connect answered the status ${connection.status}`);

  await work(api, context);
  await api.ok('DELETE', `${SERVER}/connection`);
}

/** The server as the app registers it, with the credentials the context gives for its authorization server. */
async function record(api, url, { name: _scenario, toolCalls: _calls, ...credentials }) {
  const server = { mcpId: 'target', name: 'target', endpoint: { type: 'streamableHttp', url }, enabled: true };
  if (!credentials.client_id) return server;
  const resource = await api.ok('GET', `/api/mcp/oauth/discover-resource?resource_url=${encodeURIComponent(url)}`);
  const [issuer] = resource.authorization_servers ?? [];
  return { ...server, authorization: { method: 'oauth2', config: { issuer, ...credentials } } };
}

async function work(api, { toolCalls }) {
  const described = await api.access('GET', `${ACCESS}?server_id=target&start=true`);
  const capabilities = described.data?.capabilities ?? {};

  if (capabilities.tools || Object.keys(capabilities).length === 0) {
    const tools = await listed(api, 'tools');
    const calls = toolCalls ?? tools.map((tool) => ({ name: tool.name, arguments: argumentsFor(tool.inputSchema, tools) }));
    for (const call of calls) await ask(api, 'tools/call', { name: call.name, arguments: call.arguments });
  }
  if (capabilities.resources) {
    const [resource] = await listed(api, 'resources');
    if (resource) await ask(api, 'resources/read', { uri: resource.uri });
  }
  if (capabilities.prompts) {
    const [prompt] = await listed(api, 'prompts');
    const given = (prompt?.arguments ?? []).filter((argument) => argument.required).map(({ name }) => [name, 'x']);
    if (prompt) await ask(api, 'prompts/get', { name: prompt.name, arguments: Object.fromEntries(given) });
  }
}

async function listed(api, what) {
  return (await ask(api, `${what}/list`))?.[what] ?? [];
}

/** The MCP server's result; undefined where it answered with an error of its own, which is for the suite to judge. */
async function ask(api, method, params) {
  const { data, rpcError } = await api.access('POST', ACCESS, {
    server_id: 'target',
    method,
    params,
    elicitation: 'defaults',
    start: true,
  });
  if (rpcError) console.log(`${method}: the MCP server answered with ${JSON.stringify(rpcError)}`);
  return data;
}

setTimeout(() => {
  console.error(`the driver gave up after ${DEADLINE_MS / 1000} s`);
  process.exit(TIMED_OUT);
}, DEADLINE_MS).unref();

try {
  await run(process.argv.at(-1), JSON.parse(process.env.MCP_CONFORMANCE_CONTEXT ?? '{}'));
  process.exit(0);
} catch (failure) {
  console.error(failure.cause ? `${failure.message}: ${failure.cause.message}` : failure.message);
  process.exit(1);
}
