// writers.mjs FIRST SECOND: two services that share a store write one record of bob at the same time. Of two writes that have read
// the same record, one wins, and the other gets 412 and has changed nothing. A writer that reads the record again loses no change.
// Prints one line.
import { same } from '../peer-walks/expect.mjs';
import { request } from '../peer-walks/http.mjs';

const ROUNDS = 20;
const PATH = '/api/mcp/servers/shared';

const services = process.argv.slice(2);

async function send(base, method, headers = {}, body) {
  const all = { accept: 'application/json', 'x-local-user': 'bob', ...(body && { 'content-type': 'application/json' }), ...headers };
  const response = await request(base + PATH, { method, headers: all, body: body && JSON.stringify(body) });
  return { status: response.status, tag: response.headers.get('etag'), body: await response.json() };
}

/** One writer's change of the record that it has read, with a token of its own. */
function put(base, writer, { tag, body }, round) {
  const record = structuredClone(body);
  record[`round_${writer}`] = round;
  record.authorization = { method: 'bearer', config: { token: `invented-token-${writer}-${round}` } };
  return send(base, 'PUT', { 'if-match': tag }, record);
}

/** Both writes are on their way at once. The index of the one that has won. */
async function oneWins(writes, what) {
  const answers = await Promise.all(writes);
  const statuses = answers.map(({ status }) => status);
  same([...statuses].sort().join(), '200,412', `${what}: the statuses`);
  const lost = answers[statuses.indexOf(412)];
  same(lost.body.error, 'changed_meanwhile', `${what}: the error of the other one`);
  return statuses.indexOf(200);
}

const fresh = { name: 'Shared', endpoint: { type: 'streamableHttp', url: 'http://localhost:9/mcp' } };
const first = await oneWins(services.map((base, i) => send(base, 'PUT', { 'if-none-match': '*' }, { ...fresh, about: `by ${i}` })), 'new record');
same((await send(services[0], 'GET')).body.about, `by ${first}`, 'who has created the record');

const wins = [0, 0];
for (let round = 1; round <= ROUNDS; round++) {
  const read = await Promise.all(services.map((base) => send(base, 'GET')));
  same(read[0].tag, read[1].tag, `round ${round}: the ETag at both services`);
  const won = await oneWins(services.map((base, i) => put(base, i, read[i], round)), `round ${round}`);
  wins[won]++;
  const other = 1 - won;
  const kept = await send(services[other], 'GET');
  same(kept.body[`round_${won}`], round, `round ${round}: the change that has won`);
  same(kept.body[`round_${other}`], round === 1 ? undefined : round - 1, `round ${round}: what the other one had before`);
  same((await put(services[other], other, kept, round)).status, 200, `round ${round}: the write after another read`);
  const both = await send(services[won], 'GET');
  same([0, 1].map((i) => both.body[`round_${i}`]).join(), `${round},${round}`, `round ${round}: both changes`);
  same(both.body.authorization.config.has_token, true, `round ${round}: whether a token is stored`);
}

const { tag } = await send(services[0], 'GET');
const gone = await Promise.all(services.map((base) => send(base, 'DELETE', { 'if-match': tag })));
same(gone.filter(({ status }) => status === 200).length >= 1, true, 'whether the record could be deleted');
same((await send(services[1], 'GET')).status, 404, 'the record after that');
console.log(`two-processes: ${ROUNDS} times two writes of one record at once, ${wins.join(' and ')} won, as many got 412, no change lost`);
