// Keycloak, and an MCP server that trusts it; prints `ready` when both serve. KEYCLOAK is its folder, KEYCLOAK_REALM the realm.
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { copyFile, cp, mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { child, served } from './child.mjs';
import { resourceServer } from './resource-server.mjs';

const { KEYCLOAK, KEYCLOAK_REALM, MCP_PORT, MCP_AUTH_PORT, MCP_TOKEN_LIFE = '60' } = process.env;
const base = `http://localhost:${MCP_AUTH_PORT}`;
const issuer = `${base}/realms/peer`;
const resource = `http://localhost:${MCP_PORT}/mcp`;

// Keycloak writes into its own folder. The unpacked one is shared by all runs, so each run has a copy.
const own = await mkdtemp(path.join(tmpdir(), 'keycloak-'));
process.on('exit', () => rmSync(own, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }));

await cp(KEYCLOAK, own, { recursive: true });
const imported = path.join(own, 'data/import');
await mkdir(imported, { recursive: true });
await copyFile(KEYCLOAK_REALM, path.join(imported, 'peer-realm.json'));

// The first compiler alone: of a server that runs for a minute, the second one would take half of the time.
child(path.join(own, 'bin/kc.sh'),
  ['start-dev', '--http-host=127.0.0.1', `--http-port=${MCP_AUTH_PORT}`, `--hostname=${base}`, '--db=dev-mem', '--cache=local', '--import-realm'],
  { JAVA_OPTS_APPEND: '-XX:TieredStopAtLevel=1', MCP_RESOURCE: resource, MCP_TOKEN_LIFE });

// Keycloak puts the scopes of the client into `scope`, and its own client id into `azp`.
const tokens = { keys: `${issuer}/protocol/openid-connect/certs`, typ: 'JWT', claims: ['exp', 'sub', 'azp'] };
await once(resourceServer({ issuer, resource, tokens, name: 'keycloak-peer' }).listen(MCP_PORT, '127.0.0.1'), 'listening');
await served(`${issuer}/.well-known/openid-configuration`);
console.log('ready');
