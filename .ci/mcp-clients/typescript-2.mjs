// typescript-2.mjs URL ERA: the second line of the TypeScript SDK, in the legacy or the modern era.
import assert from 'node:assert/strict';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { HEADERS, useTools } from './checks.mjs';

const [url, era] = process.argv.slice(2);
const transport = new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers: HEADERS } });
const mode = era === 'modern' ? { pin: '2026-07-28' } : 'legacy';
const client = new Client({ name: 'gate', version: '1' }, { capabilities: { elicitation: {} }, versionNegotiation: { mode } });
await client.connect(transport);
assert.equal(client.getProtocolEra(), era, 'the era');
await useTools(client, client.getNegotiatedProtocolVersion());
await client.close();
