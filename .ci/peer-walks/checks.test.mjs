// The walks' own machinery: that a walk which fails is seen as one, and hides no other.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { request } from './http.mjs';

/** A server that closes the connection on the second request, without a response. */
async function closing(context) {
  const methods = [];
  const server = createServer((asked, response) => {
    methods.push(asked.method);
    return methods.length === 2 ? asked.socket.destroy() : response.end('here');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  context.after(() => server.close());
  const url = `http://127.0.0.1:${server.address().port}/page`;
  assert.equal(await (await request(url)).text(), 'here');
  return { url, methods };
}

test('a GET on a connection that the server closes is sent once more', async (context) => {
  const { url, methods } = await closing(context);
  assert.equal(await (await request(url)).text(), 'here');
  assert.deepEqual(methods, ['GET', 'GET', 'GET']);
});

test('a POST is not sent twice, and its failure says which request it was', async (context) => {
  const { url, methods } = await closing(context);
  await assert.rejects(request(url, { method: 'POST', body: 'x' }), { message: `POST ${url}` });
  assert.deepEqual(methods, ['GET', 'POST']);
});

test('what is thrown outside of a walk fails that walk with its message, and the next walk is walked', async () => {
  const script = `
    import { outcomeOf } from ${JSON.stringify(path.join(import.meta.dirname, 'outcome.mjs'))};
    const broken = () => new Promise(() => setTimeout(() => { throw new Error('read ECONNRESET'); }));
    const lost = () => { Promise.reject(new Error('fetch failed', { cause: { code: 'UND_ERR_SOCKET' } })); return new Promise(() => {}); };
    console.log(JSON.stringify([await outcomeOf(broken), await outcomeOf(lost), await outcomeOf(async () => {})]));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script]);
  assert.deepEqual(JSON.parse(stdout), [
    { outcome: 'failed', why: 'read ECONNRESET' },
    { outcome: 'failed', why: 'fetch failed: UND_ERR_SOCKET' },
    { outcome: 'ok' },
  ]);
});
