// walk.mjs FIRST SECOND: alice connects a server through the first service. When her token has ended, both services get half of
// her calls at the same time. Prints one line.
import { setTimeout as pause } from 'node:timers/promises';
import { App } from '../peer-walks/app.mjs';
import { same } from '../peer-walks/expect.mjs';
import { StrictServer } from './server.mjs';

const CALLS = 50;
const ID = 'strict';

const services = process.argv.slice(2);
const server = new StrictServer();
await server.listen();
const apps = services.map((base) => new App(base, 'alice', 'alice'));

await apps[0].put(ID, server.resource);
await apps[0].connected(ID);
const { expires_at: end } = await apps[0].connection(ID);
while (Date.now() < Date.parse(end)) await pause(50);
same(server.refreshes, 0, 'token requests before the calls');

const asked = { resource_url: server.resource, method: 'tools/list' };
const calls = Array.from({ length: CALLS }, (_, i) => apps[i % apps.length].send('POST', '/api/mcp/oauth/access-resource', asked));
const answers = await Promise.all(calls);
const refused = answers.filter(({ status }) => status !== 200).map(({ status, body }) => `${status} ${body.error}`);
const kinds = [...new Set(refused)].map((kind) => `${refused.filter((one) => one === kind).length} × ${kind}`);
console.error(`token requests: ${server.refreshes}, with a replaced token: ${server.reuses}; refused: ${kinds.join(', ') || 'none'}`);
same(server.reuses, 0, 'uses of a replaced refresh token');
same(server.refreshes, 1, 'token requests');
same(refused.length, 0, 'calls without an answer');
same(answers.every(({ body }) => body.data.tools.length === 1), true, 'whether each answer has the tools');
server.close();
console.log(`two-processes: ${CALLS} calls at ${services.length} processes, 1 token request, ${answers.length} answers`);
