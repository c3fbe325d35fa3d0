// Judges one run of the suite more strictly than the suite does, whose ticks allow warnings, failed and timed-out
// clients, and scenarios in which nothing was checked.
//   judge.mjs SET OUT EXITS PACKAGE SERVICE_LOG
// OUT is the suite's output folder, EXITS holds the driver's exit codes, PACKAGE the installed suite.
import { createRequire } from 'node:module';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';

// What the suite scores in this version: a run that found fewer scenarios is no pass.
export const SETS = {
  '2025-11-25': { scored: 18, auth: 14 },
  '2026-07-28': { scored: 32, auth: 25 },
  backcompat: { scored: 2 },
  extensions: { scored: 6, reportedOnly: true },
};

// Scenarios in which the right client ends with an error (`allowClientError` in the suite).
const MAY_FAIL = new Set([
  'auth/scope-retry-limit',
  'auth/resource-mismatch',
  'auth/iss-supported-missing',
  'auth/iss-wrong-issuer',
  'auth/iss-unexpected',
  'auth/iss-normalized',
  'auth/metadata-issuer-mismatch',
  'http-invalid-tool-headers',
]);

const TIMED_OUT = 124;

/** What a scenario falls short of, a line each; none for a pass. `exit` is undefined where the driver was killed. */
export function shortfalls(scenario, run) {
  if (!run) return ['it did not run'];
  const { checks, exit } = run;
  const lines = checks
    .filter(({ status }) => status === 'FAILURE' || status === 'WARNING')
    .map(({ id, status, errorMessage, description }) => `${status} ${id}: ${errorMessage ?? description}`);
  if (!checks.some(({ status }) => status === 'SUCCESS')) lines.push('nothing was checked with success');
  if (exit === undefined || exit === TIMED_OUT) lines.push('the driver timed out');
  else if (exit !== 0 && !MAY_FAIL.has(scenario)) lines.push(`the driver ended with ${exit}`);
  return lines;
}

/**
 * @param scored the scenarios that count, by name
 * @param runs scenario → {checks, exit}, of all that ran
 */
export function judge(set, scored, runs) {
  const expected = SETS[set];
  const judged = scored.map((scenario) => ({ scenario, lines: shortfalls(scenario, runs.get(scenario)) }));
  const passed = judged.filter(({ lines }) => lines.length === 0).map(({ scenario }) => scenario);
  const auth = (names) => names.filter((name) => name.startsWith('auth/')).length;

  const short = judged.filter(({ lines }) => lines.length > 0);
  if (new Set(scored).size !== expected.scored || (expected.auth ?? auth(scored)) !== auth(scored)) {
    const lines = [`${expected.scored} scenarios should count, the suite has ${scored.length}`];
    short.push({ scenario: 'the set', lines });
  }
  let summary = `conformance ${set}: `;
  if (expected.auth) summary += `scored ${passed.length}/${expected.scored} auth ${auth(passed)}/${expected.auth}`;
  else summary += `${passed.length}/${expected.scored}${expected.reportedOnly ? ' (reported, not gated)' : ''}`;
  return { short, summary, fails: short.length > 0 && !expected.reportedOnly };
}

/** The suite's output: `<scenario>-<time>/checks.json`, where a scenario's name may hold a slash. */
function read(out, exits) {
  const runs = new Map();
  if (!existsSync(out)) return runs;
  for (const file of readdirSync(out, { recursive: true }).filter((name) => /(^|[\\/])checks\.json$/.test(name))) {
    const folder = join(out, dirname(file));
    const scenario = relative(out, folder).split(sep).join('/').replace(/-\d{4}-\d\d-\d\dT[\d-]+Z$/, '');
    const exitFile = join(exits, scenario.replaceAll('/', '_'));
    const exit = existsSync(exitFile) ? Number(readFileSync(exitFile, 'utf8')) : undefined;
    const said = existsSync(join(folder, 'stderr.txt')) ? readFileSync(join(folder, 'stderr.txt'), 'utf8').trim() : '';
    runs.set(scenario, { checks: JSON.parse(readFileSync(join(folder, 'checks.json'), 'utf8')), exit, said });
  }
  return runs;
}

/** Which scenarios count and why others do not: the suite's own list, or all that ran where it has none for the set. */
function counted(set, suite, runs) {
  const file = join(suite, 'node_modules/@modelcontextprotocol/conformance/requirements', `${set}.yaml`);
  if (!existsSync(file)) return { scored: [...runs.keys()], reasons: new Map() };
  const { parse } = createRequire(join(suite, 'package.json'))('yaml');
  const { client, not_scored: others = [] } = parse(readFileSync(file, 'utf8'));
  return { scored: client, reasons: new Map(others.map(({ scenario, reason }) => [scenario, reason])) };
}

function main(set, out, exits, suite, serviceLog) {
  const runs = read(out, exits);
  const { scored, reasons } = counted(set, suite, runs);
  const { short, summary, fails } = judge(set, scored, runs);
  for (const { scenario, lines } of short) {
    console.log(`  ${scenario} falls short`);
    for (const line of lines) console.log(`    ${line}`);
    tell(runs.get(scenario)?.said, serviceLog);
  }
  for (const [scenario, run] of runs) {
    if (scored.includes(scenario)) continue;
    const lines = shortfalls(scenario, run);
    const outcome = lines.length === 0 ? 'passes' : `falls short: ${lines[0]}`;
    console.log(`  not scored: ${scenario} (${reasons.get(scenario) ?? 'not in the list'}) ${outcome}`);
  }
  console.log(summary);
  process.exitCode = fails ? 1 : 0;
}

/** What the driver said at the end, and the service's log lines of the request it names. */
function tell(said, serviceLog) {
  if (!said) return;
  console.log(`    driver: ${said.split('\n').slice(-5).join('\n            ')}`);
  const request = /request_id ([\w-]+)/.exec(said)?.[1];
  if (!request || !serviceLog) return;
  const lines = readFileSync(serviceLog, 'utf8').split('\n').filter((line) => line.includes(request));
  for (const line of lines.slice(-5)) console.log(`    service: ${line.slice(0, 500)}`);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) main(...process.argv.slice(2));
