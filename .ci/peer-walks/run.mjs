// Walks one published server: run.mjs PEER RESULTS_FILE. Its world is in the environment: BASE (the service), FRESH (one
// that has no clients yet), RESOURCE (its MCP server), TOKEN_LIFE (of its access tokens, in seconds), SERVERS (the folder with the pinned versions), WALK (only the walks
// whose names contain it). Prints what failed and, at the end, one line.
import { writeFileSync } from 'node:fs';
import { App } from './app.mjs';
import { outcomeOf } from './outcome.mjs';
import { PEERS, versionOf } from './peers.mjs';
import { WALKS } from './walks.mjs';

const [name, file] = process.argv.slice(2);
const { BASE, FRESH, RESOURCE, TOKEN_LIFE, SERVERS, WALK = '' } = process.env;
const peer = PEERS[name];
const version = versionOf(peer, SERVERS);

/** Each walk has users of its own, so that no walk stands on another; the accounts are those of the server. */
async function worldOf(walk) {
  const at = (base) => (account) => new App(base, [account, walk, name].join('.').replaceAll(' ', '-'), account, peer.type ?? 'streamableHttp');
  const app = at(BASE);
  const resource = await app('alice').ask('discover-resource', { resource_url: RESOURCE });
  const issuer = resource.authorization_servers[0];
  const metadata = await app('alice').ask('discover-auth-server', { auth_server_url: issuer });
  return { app, fresh: at(FRESH), issuer, metadata, resource: RESOURCE, tokenLife: peer.tokenLife ?? Number(TOKEN_LIFE), expected: peer };
}

const results = {};
for (const walk of Object.keys(WALKS).filter((title) => title.includes(WALK))) {
  results[walk] = await outcomeOf(async () => WALKS[walk](await worldOf(walk)));
  const { outcome, why } = results[walk];
  if (outcome !== 'ok') console.log(`  ${name}, ${walk}: ${outcome}: ${why}`);
}
const count = (wanted) => Object.values(results).filter(({ outcome }) => outcome === wanted).length;
writeFileSync(file, JSON.stringify({ name, results }));
console.log(`${peer.software} ${version}, ${peer.setting}: ${count('ok')} walked, ${count('not offered')} not offered, ${count('failed')} failed`);
