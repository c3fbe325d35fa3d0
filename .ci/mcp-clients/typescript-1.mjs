// typescript-1.mjs URL: the first line of the TypeScript SDK, which speaks the legacy era.
import assert from 'node:assert/strict';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { HEADERS, useTools } from './checks.mjs';

const url = new URL(process.argv[2]);
const transport = new StreamableHTTPClientTransport(url, { requestInit: { headers: HEADERS } });
const client = new Client({ name: 'gate', version: '1' }, { capabilities: { elicitation: {}, sampling: {}, roots: {} } });
await client.connect(transport);
assert(transport.sessionId, 'a session');
await client.ping();
await useTools(client, transport.protocolVersion);
const ended = transport.sessionId;
await transport.terminateSession();
await client.close();

// The session is unknown from then on.
const headers = { ...HEADERS, Accept: 'application/json, text/event-stream', 'Content-Type': 'application/json', 'Mcp-Session-Id': ended };
const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }) });
assert.equal(response.status, 404, 'a request in the ended session');
