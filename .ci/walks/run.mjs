// Walks everything (walks.mjs) at every size, and ends with `browser: N walks, F failures`. Its world is in the environment:
// BASE, DEMO_ISSUER, DEMO_MCP, PEER_ISSUER, PEER_MCP, APP_PORT, EXAMPLE (a back end of docs/examples), CHROMIUM, ROOT (the
// project), SERVICE_LOG (the service's log, a file), SHOTS (a folder for pictures).
import { once } from 'node:events';
import { chromium } from 'playwright-core';
import { app } from './app.mjs';
import { returnPageCode } from './return-page.mjs';
import { ServiceLog } from './service-log.mjs';
import { Service } from './service.mjs';
import { OTHER_WALKS, WALKS } from './walks.mjs';
import { SIZES, Visit, shotsOf } from './visit.mjs';

/** The longest that one walk takes, in milliseconds. */
const LONGEST = 90_000;

const { BASE, APP_PORT, EXAMPLE, CHROMIUM, ROOT, SERVICE_LOG, SHOTS } = process.env;
const ISSUERS = [
  { name: 'demo', isDemo: true, asksAgain: true, issuer: process.env.DEMO_ISSUER, resource: process.env.DEMO_MCP },
  { name: 'oidc-provider', issuer: process.env.PEER_ISSUER, resource: process.env.PEER_MCP },
];
const world = {
  base: BASE,
  service: new Service(BASE),
  serviceLog: new ServiceLog(SERVICE_LOG),
  example: EXAMPLE,
  app: {
    origin: `http://localhost:${APP_PORT}`,
    returnTo: `http://localhost:${APP_PORT}/return`,
    stranger: `http://127.0.0.1:${APP_PORT}/stranger`,
  },
};

function* plan() {
  for (const size of SIZES) {
    for (const issuer of ISSUERS) {
      for (const [name, walk] of Object.entries(WALKS)) yield { name: `${name}, ${issuer.name}, ${size.name}`, walk, issuer, size };
    }
    for (const [name, walk] of Object.entries(OTHER_WALKS)) yield { name: `${name}, ${size.name}`, walk, issuer: ISSUERS[0], size };
  }
}

async function walked(browser, { name, walk, issuer, size }) {
  const visit = await Visit.start(browser, size, shotsOf(SHOTS, name));
  let timer;
  const tooLong = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done within ${LONGEST / 1000} s`)), LONGEST);
  });
  try {
    await Promise.race([walk(visit, { ...world, issuer }), tooLong]);
    await visit.finish();
    console.log(`${name}: ok`);
    return true;
  } catch (failure) {
    console.log(`${name}: FAILED\n${failure.message}\n${(await visit.failed()).slice(0, 2000)}\n${visit.problems.join('\n')}\n`);
    return false;
  } finally {
    clearTimeout(timer);
    await visit.close();
  }
}

const server = app({ base: BASE, code: await returnPageCode(ROOT, BASE) }).listen(APP_PORT, '127.0.0.1');
await once(server, 'listening');
// A fresh profile each time. Nothing but this machine is looked for or asked.
const browser = await chromium.launch({
  executablePath: CHROMIUM,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1'],
});
const only = process.argv[2] ?? '';
const outcomes = [];
for (const planned of plan()) if (planned.name.includes(only)) outcomes.push(await walked(browser, planned));
await browser.close();
server.close();
const failures = outcomes.filter((ok) => !ok).length;
console.log(`browser: ${outcomes.length} walks, ${failures} failures`);
process.exitCode = failures === 0 && outcomes.length > 0 ? 0 : 1;
