// Writes docs/compatibility.md from the results of all peers: table.mjs RESULTS_FOLDER SERVERS TABLE. Prints the last line of
// the gate. Exits with 1 if a walk failed, or if the page was another one. Where a server could not be walked, all of its walks
// failed, and the page stays as it is.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { PEERS, versionOf } from './peers.mjs';
import { WALKS } from './walks.mjs';

const [folder, servers, table] = process.argv.slice(2);
const none = Object.fromEntries(Object.keys(WALKS).map((walk) => [walk, { outcome: 'failed' }]));
const elsewhere = Object.values(PEERS).filter(({ onlyInAll }) => onlyInAll);
const peers = Object.entries(PEERS).filter(([, { onlyInAll }]) => !onlyInAll).map(([name, peer], index) => {
  const file = path.join(folder, name);
  const results = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).results : none;
  return { ...peer, letter: String.fromCharCode(65 + index), version: versionOf(peer, servers), results };
});
const WORDS = { ok: 'yes', 'not offered': '–', failed: '**no**' };

const row = (cells) => `| ${cells.join(' | ')} |`;
const rows = (heads, lines) => [row(heads), row(heads.map(() => '---')), ...lines.map(row)].join('\n');
const notes = Object.keys(WALKS).flatMap((walk) => {
  const without = Object.groupBy(peers.filter(({ results }) => results[walk].outcome === 'not offered'), ({ results }) => results[walk].why);
  return Object.entries(without).map(([why, those]) => `- ${walk}: ${why} (${those.map(({ letter }) => letter).join(', ')}).`);
});

const readers = peers.filter(({ results }) => results['one hosted metadata document'].outcome === 'ok').map(({ letter }) => letter);

const page = `# Servers that were walked

This page shows with which published servers this service works, and which steps were tried at each.

\`.ci/peers\` starts each of these servers on this machine, as its package registry serves it, and walks the service against it.
The gate writes this page.
\`.ci/run\` fails if the page does not say what the walks showed.

${rows(['', 'server', 'version', 'setting'], peers.map(({ letter, software, version, setting }) => [letter, software, version, setting]))}

${rows(['walk', ...peers.map(({ letter }) => letter)], Object.keys(WALKS).map((walk) => [walk, ...peers.map(({ results }) => WORDS[results[walk].outcome])]))}

“–”: the server does not offer what the walk is about.

${notes.join('\n')}

- one hosted metadata document: the walk imitates the host of the operator.
  It leads the server to a document that lists the redirect URI of this one issuer.
  The service cannot read the document, so it uses the document unchecked.
  In the other walks of ${readers.join(' and ')}, each issuer has a document of its own, which the service makes.

\`.ci/all\` also walks ${elsewhere.map((peer) => `${peer.software} ${versionOf(peer, servers)}, ${peer.setting}`).join('; ')}.

You can read what each walk does in \`.ci/peer-walks/walks.mjs\`.
`;

const isWhole = peers.every(({ results }) => results !== none);
const isSame = existsSync(table) && readFileSync(table, 'utf8') === page;
if (isWhole) writeFileSync(table, page);
if (isWhole && !isSame) console.log('docs/compatibility.md was another page. It now says what these walks showed: look at it and commit it');
const all = peers.flatMap(({ results }) => Object.values(results).map(({ outcome }) => outcome));
const count = (wanted) => all.filter((outcome) => outcome === wanted).length;
console.log(`peers: ${peers.length} servers, ${count('ok')} walked, ${count('not offered')} not offered, ${count('failed')} failures`);
process.exitCode = count('failed') === 0 && isSame ? 0 : 1;
