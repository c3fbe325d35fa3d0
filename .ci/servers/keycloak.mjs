// Keycloak, and an MCP server that trusts it; prints `ready` when both serve. KEYCLOAK is its folder, KEYCLOAK_REALM the realm.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { copyFile, cp, mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { resourceServer } from './resource-server.mjs';

const { KEYCLOAK, KEYCLOAK_REALM, MCP_PORT, MCP_AUTH_PORT, MCP_TOKEN_LIFE = '60' } = process.env;
const base = `http://localhost:${MCP_AUTH_PORT}`;
const issuer = `${base}/realms/peer`;
const resource = `http://localhost:${MCP_PORT}/mcp`;

// Keycloak writes into its own folder. The unpacked one is shared by all runs, so each run has a copy.
const own = await mkdtemp(path.join(tmpdir(), 'keycloak-'));
let keycloak;
// Whatever ends this process ends Keycloak too, with all its processes. While it starts it hears no request to stop, and
// nothing that it has is kept.
process.on('exit', () => {
  if (keycloak?.pid && keycloak.exitCode === null && keycloak.signalCode === null) process.kill(-keycloak.pid, 'SIGKILL');
  rmSync(own, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
});
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => process.exit(1));

await cp(KEYCLOAK, own, { recursive: true });
const imported = path.join(own, 'data/import');
await mkdir(imported, { recursive: true });
await copyFile(KEYCLOAK_REALM, path.join(imported, 'peer-realm.json'));

// The first compiler alone: of a server that runs for a minute, the second one would take half of the time.
const env = { ...process.env, JAVA_OPTS_APPEND: '-XX:TieredStopAtLevel=1', MCP_RESOURCE: resource, MCP_TOKEN_LIFE };
keycloak = spawn(path.join(own, 'bin/kc.sh'),
  ['start-dev', '--http-host=127.0.0.1', `--http-port=${MCP_AUTH_PORT}`, `--hostname=${base}`, '--db=dev-mem', '--cache=local', '--import-realm'],
  { stdio: ['ignore', 'inherit', 'inherit'], env, detached: true });
keycloak.on('exit', (status) => process.exit(status ?? 1));

// Keycloak puts the scopes of the client into `scope`, and its own client id into `azp`.
const tokens = { keys: `${issuer}/protocol/openid-connect/certs`, typ: 'JWT', claims: ['exp', 'sub', 'azp'] };
await once(resourceServer({ issuer, resource, tokens, name: 'keycloak-peer' }).listen(MCP_PORT, '127.0.0.1'), 'listening');
while (!(await fetch(`${issuer}/.well-known/openid-configuration`).then(({ ok }) => ok, () => false))) await pause(200);
console.log('ready');
