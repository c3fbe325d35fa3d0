import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge, shortfalls } from './judge.mjs';

const check = (status, more = {}) => ({ id: 'a-check', status, description: 'A check.', ...more });
const run = (exit, ...statuses) => ({ exit, checks: statuses.map((status) => check(status)) });

test('a scenario passes with a success, nothing worse than information, and a driver that ended well', () => {
  assert.deepEqual(shortfalls('tools_call', run(0, 'SUCCESS', 'INFO', 'SKIPPED')), []);
});

test('a failure falls short, and is told with its id and message', () => {
  const checks = [check('SUCCESS'), check('FAILURE', { errorMessage: 'no such thing' })];
  assert.deepEqual(shortfalls('tools_call', { exit: 0, checks }), ['FAILURE a-check: no such thing']);
});

test('a warning falls short', () => {
  assert.deepEqual(shortfalls('tools_call', run(0, 'SUCCESS', 'WARNING')), ['WARNING a-check: A check.']);
});

test('a scenario in which nothing succeeded falls short', () => {
  for (const nothing of [run(0), run(0, 'SKIPPED', 'INFO')]) {
    assert.deepEqual(shortfalls('http-standard-headers', nothing), ['nothing was checked with success']);
  }
});

test('a scenario that did not run falls short', () => {
  assert.deepEqual(shortfalls('tools_call', undefined), ['it did not run']);
});

test('a driver that failed falls short, except where the right client fails', () => {
  assert.deepEqual(shortfalls('tools_call', run(1, 'SUCCESS')), ['the driver ended with 1']);
  assert.deepEqual(shortfalls('auth/iss-wrong-issuer', run(1, 'SUCCESS')), []);
});

test('a driver that timed out or was killed falls short, whatever the scenario', () => {
  for (const exit of [124, undefined]) {
    for (const scenario of ['tools_call', 'auth/iss-wrong-issuer']) {
      assert.deepEqual(shortfalls(scenario, run(exit, 'SUCCESS')), ['the driver timed out']);
    }
  }
});

const names = (prefix, count) => Array.from({ length: count }, (_, at) => `${prefix}${at}`);
const SCORED = [...names('auth/s', 14), ...names('s', 4)];
const passing = (scored) => new Map(scored.map((scenario) => [scenario, run(0, 'SUCCESS')]));

test('a set in which everything passes is told with both counts', () => {
  const { summary, fails } = judge('2025-11-25', SCORED, passing(SCORED));
  assert.equal(summary, 'conformance 2025-11-25: scored 18/18 auth 14/14');
  assert.equal(fails, false);
});

test('one scored scenario that did not run fails the set', () => {
  const { summary, fails, short } = judge('2025-11-25', SCORED, passing(SCORED.slice(1)));
  assert.equal(summary, 'conformance 2025-11-25: scored 17/18 auth 13/14');
  assert.equal(fails, true);
  assert.deepEqual(short, [{ scenario: 'auth/s0', lines: ['it did not run'] }]);
});

test('a suite that scores fewer scenarios than it should fails the set', () => {
  for (const scored of [SCORED.slice(1), [...SCORED.slice(1), 's9']]) {
    assert.equal(judge('2025-11-25', scored, passing(scored)).fails, true);
  }
  assert.equal(judge('backcompat', ['auth/a'], passing(['auth/a'])).fails, true);
});

test('a scenario that is not scored fails nothing', () => {
  const runs = passing(SCORED).set('auth/dpop', run(1, 'FAILURE'));
  assert.equal(judge('2025-11-25', SCORED, runs).fails, false);
});

test('the extensions are counted and gate nothing', () => {
  const scored = names('auth/e', 6);
  const runs = passing(scored).set('auth/e0', run(1, 'FAILURE'));
  const { summary, fails } = judge('extensions', scored, runs);
  assert.equal(summary, 'conformance extensions: 5/6 (reported, not gated)');
  assert.equal(fails, false);
});
