// Ory Hydra with pages of our own for sign-in and consent, and an MCP server that trusts it; prints `ready` when all serve. HYDRA
// is the program. Everything that it keeps is in memory.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { json, text } from 'node:stream/consumers';
import { child, served } from './child.mjs';
import { failurePage, signInPage } from './consent-page.mjs';
import { resourceServer } from './resource-server.mjs';
import { SCOPES } from './scopes.mjs';

const { HYDRA, MCP_PORT, MCP_AUTH_PORT, MCP_TOKEN_LIFE = '60' } = process.env;
const issuer = `http://localhost:${MCP_AUTH_PORT}`;
const resource = `http://localhost:${MCP_PORT}/mcp`;
const scopes = ['offline_access', ...SCOPES];

const own = mkdtempSync(path.join(tmpdir(), 'hydra-'));
process.on('exit', () => rmSync(own, { recursive: true, force: true }));
const admin = path.join(own, 'admin');

/** A request of its operator. */
async function hydra(method, where, body) {
  const headers = { host: 'localhost', 'content-type': 'application/json' };
  const asked = request({ socketPath: admin, method, headers, path: `/admin/${where}` });
  asked.end(body && JSON.stringify(body));
  const [response] = await once(asked, 'response');
  const said = await json(response);
  if (response.statusCode !== 200) throw new Error(`${method} ${where.split('?')[0]}: HTTP ${response.statusCode}, ${said.error}`);
  return said;
}

/** Asks about a sign-in or a consent, or accepts it. */
function step(method, name, challenge, body) {
  return hydra(method, `oauth2/auth/requests/${name}?${new URLSearchParams({ challenge })}`, body);
}

const pages = createServer((asked, response) => {
  page(asked, response).catch((failure) => failurePage(response, failure));
});

async function page(asked, response) {
  const { pathname, searchParams } = new URL(asked.url, issuer);
  if (pathname === '/login' && asked.method === 'POST') return signedIn(searchParams.get('login_challenge'), await text(asked), response);
  if (pathname === '/login') {
    const { client, requested_scope: scope } = await step('GET', 'login', searchParams.get('login_challenge'));
    return signInPage(response, asked.url, client.client_name ?? client.client_id, scope);
  }
  if (pathname === '/consent') return consented(searchParams.get('consent_challenge'), response);
  return redirect(response, issuer);
}

async function signedIn(challenge, form, response) {
  const subject = new URLSearchParams(form).get('login');
  redirect(response, (await step('PUT', 'login/accept', challenge, { subject })).redirect_to);
}

/**
 * The person has approved with the sign-in. Hydra knows no resource indicators: its tokens are for this resource alone. Each
 * client must be allowed to have that audience, or it could not refresh.
 */
async function consented(challenge, response) {
  const { client, requested_scope } = await step('GET', 'consent', challenge);
  await hydra('PATCH', `clients/${client.client_id}`, [{ op: 'replace', path: '/audience', value: [resource] }]);
  const grant = { grant_scope: requested_scope, grant_access_token_audience: [resource] };
  redirect(response, (await step('PUT', 'consent/accept', challenge, grant)).redirect_to);
}

function redirect(response, location) {
  response.writeHead(302, { location }).end();
}

await once(pages.listen(0, '127.0.0.1'), 'listening');
const ui = `http://localhost:${pages.address().port}`;
child(HYDRA, ['serve', 'all', '--dev'], {
  DSN: 'memory',
  SECRETS_SYSTEM: randomBytes(24).toString('hex'),
  SERVE_PUBLIC_HOST: '127.0.0.1',
  SERVE_PUBLIC_PORT: MCP_AUTH_PORT,
  SERVE_ADMIN_HOST: `unix:${admin}`,
  URLS_SELF_ISSUER: issuer,
  URLS_LOGIN: `${ui}/login`,
  URLS_CONSENT: `${ui}/consent`,
  STRATEGIES_ACCESS_TOKEN: 'jwt',
  STRATEGIES_JWT_SCOPE_CLAIM: 'string',
  TTL_ACCESS_TOKEN: `${MCP_TOKEN_LIFE}s`,
  OIDC_DYNAMIC_CLIENT_REGISTRATION_ENABLED: 'true',
  OIDC_DYNAMIC_CLIENT_REGISTRATION_DEFAULT_SCOPE: scopes.join(','),
  WEBFINGER_OIDC_DISCOVERY_SUPPORTED_SCOPE: SCOPES.join(','),
  WEBFINGER_OIDC_DISCOVERY_CLIENT_REGISTRATION_URL: `${issuer}/oauth2/register`, // otherwise its metadata does not name it
  SQA_OPT_OUT: 'true',
  LOG_LEVEL: 'warn',
});

const tokens = { keys: `${issuer}/.well-known/jwks.json`, claims: ['exp', 'sub', 'client_id'] };
await once(resourceServer({ issuer, resource, tokens, name: 'hydra-peer' }).listen(MCP_PORT, '127.0.0.1'), 'listening');
await served(`${issuer}/.well-known/openid-configuration`);
console.log('ready');
