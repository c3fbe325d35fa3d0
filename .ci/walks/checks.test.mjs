// That the checks of visit.mjs see what they are for: a walk that cannot fail shows nothing.
import assert from 'node:assert/strict';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';
import { codeIn } from './return-page.mjs';
import { SIZES, Visit } from './visit.mjs';

let browser;
let folder;

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'checks-'));
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] });
});
after(() => browser.close());

async function onPage(html, look) {
  const visit = await Visit.start(browser, SIZES[1], path.join(folder, 'shot'));
  try {
    await visit.page.setContent(`<meta name="viewport" content="width=device-width">${html}`);
    await look(visit);
  } finally {
    await visit.close();
  }
}

test('a page that fits and is quiet passes', () => onPage('<h1>Fine</h1>', async (visit) => {
  await visit.sees('Fine');
  await visit.finish();
}));

test('a page that scrolls sideways fails', () => onPage('<div style="width:800px">wide</div>',
  (visit) => assert.rejects(visit.look(), /px wide/)));

test('a page that shows a token fails', () => onPage(`<p style="overflow-wrap:anywhere">${'Zk3_'.repeat(10)}</p>`,
  (visit) => assert.rejects(visit.ends(), /may be a secret/)));

test('an error on the console fails', () => onPage('<script>console.error("no")</script>',
  (visit) => assert.rejects(visit.finish(), /reported problems/)));

test('a script that breaks fails', () => onPage('<script>throw new Error("no")</script>',
  (visit) => assert.rejects(visit.finish(), /reported problems/)));

test('a problem that was foreseen passes, and must happen', () => onPage('<script>console.error("no")</script>', async (visit) => {
  visit.expect(/no/);
  await visit.finish();
  visit.expect(/something else/);
  await assert.rejects(visit.finish(), /never seen/);
}));

test('the code is found in a page, once', async () => {
  const file = path.join(folder, 'page.md');
  const code = '    const fragment = location.hash;\n\n    use("completion_code");\n';
  await writeFile(file, `Text\n\n${code}\nMore text\n\n    other code\n`);
  assert.equal((await codeIn(file)).trim(), 'const fragment = location.hash;\n\nuse("completion_code");');
  await writeFile(file, `Text\n\n${code}\nMore text\n\n${code}`);
  await assert.rejects(codeIn(file), /one block/);
});
