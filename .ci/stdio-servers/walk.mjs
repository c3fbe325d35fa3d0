// Connects, lists and calls the programs of define.mjs through the public API. BASE: the service; KEY: the variable's value.
import assert from 'node:assert/strict';

const { BASE: base, KEY: key } = process.env;

async function call(user, method, path, body) {
  const response = await fetch(base + path, {
    method,
    headers: { 'Content-Type': 'application/json', 'X-Local-User': user },
    body: body && JSON.stringify(body),
  });
  const text = await response.text();
  for (const hidden of [key, 'stdio.invalid', 'node_modules', 'define.mjs']) assert(!text.includes(hidden), `a response has ${hidden}`);
  return { status: response.status, body: JSON.parse(text) };
}

async function succeed(...request) {
  const { status, body } = await call(...request);
  assert.equal(status, 200, JSON.stringify(body));
  return body;
}

const ask = (user, method, params, more = {}) =>
  succeed(user, 'POST', '/api/mcp/oauth/access-resource', { server_id: 'tools', method, params, ...more });

const use = async (user, tool, parameters = {}, more = {}) =>
  (await ask(user, 'tools/call', { name: tool, arguments: parameters }, more)).data.content[0].text;

async function begin(user, command) {
  await succeed(user, 'PUT', '/api/mcp/servers/tools', { name: command, syncResources: true, endpoint: { type: 'stdio', command } });
  assert.equal((await succeed(user, 'POST', '/api/mcp/servers/tools/connect', {})).status, 'connected');
  const record = JSON.stringify(await succeed(user, 'GET', '/api/mcp/servers/tools'));
  assert(record.includes('"echo"'), 'the record shows the tools');
}

async function everything(user) {
  await begin(user, 'everything');
  const { data } = await succeed(user, 'POST', '/api/mcp/oauth/access-resource', { server_id: 'tools', method: 'tools/list' });
  assert(data.tools.some(tool => tool.name === 'get-env'));
  assert.equal(await use(user, 'echo', { message: 'ten\nlines' }), 'Echo: ten\nlines');
  assert.match(await use(user, 'get-sum', { a: 2, b: 3 }), /5/);
  // The whole environment of the program: the named variable, and its value is not shown to the user.
  assert.deepEqual(JSON.parse(await use(user, 'get-env')), { EXAMPLE_API_KEY: '[token]' });
  const resource = await ask(user, 'resources/list', {});
  assert(resource.data.resources.length > 0);
  const asked = await use(user, 'trigger-elicitation-request', {}, { elicitation: 'defaults' });
  assert.match(asked, /provided|declined|accept/i);
}

async function modern(user) {
  await begin(user, 'modern');
  assert.equal(await use(user, 'echo', { message: 'hello' }), 'modern: hello');
}

async function refusals(user) {
  for (const endpoint of [{ command: 'not-defined' }, { command: '/bin/sh' }, { command: 'everything', args: ['-e', '1'] }]) {
    const { status, body } = await call(user, 'PUT', '/api/mcp/servers/tools', { endpoint: { type: 'stdio', ...endpoint } });
    assert.equal(status, 422);
    assert.equal(body.error, 'unsupported_transport');
  }
}

for (const walk of [everything, modern, refusals]) {
  await walk(`stdio-${walk.name}`);
  console.log(`stdio: ${walk.name} passed`);
}
