// What the TypeScript SDK's authorization routes ask of the one who uses them: an OAuthServerProvider that keeps everything in
// memory, signs in whatever account is typed, rotates refresh tokens and binds each token to its resource.
import { randomBytes } from 'node:crypto';
import { InvalidGrantError, InvalidTargetError, InvalidTokenError } from '@modelcontextprotocol/sdk/server/auth/errors.js';
import { signInPage } from './consent-page.mjs';

export class MemoryProvider {
  #clients = new Map();
  #asked = new Map();
  #codes = new Map();
  #access = new Map();
  #refresh = new Map();

  /** @param tokenLife of access tokens, in seconds */
  constructor({ resource, tokenLife }) {
    this.resource = resource;
    this.tokenLife = tokenLife;
  }

  clientsStore = {
    getClient: (id) => this.#clients.get(id),
    registerClient: (client) => {
      this.#clients.set(client.client_id, client);
      return client;
    },
  };

  async authorize(client, params, response) {
    if (params.resource && params.resource.href !== this.resource) throw new InvalidTargetError('no such resource');
    const id = secret();
    this.#asked.set(id, { client, params });
    signInPage(response, `/consent/${id}`, client.client_name ?? client.client_id, params.scopes);
  }

  /** The redirect of a person who has signed in and approved. */
  approve(id, account) {
    const { client, params } = taken(this.#asked, id) ?? {};
    if (!client) return undefined;
    const code = secret();
    this.#codes.set(code, { client: client.client_id, account, scopes: params.scopes, challenge: params.codeChallenge });
    const location = new URL(params.redirectUri);
    location.searchParams.set('code', code);
    if (params.state) location.searchParams.set('state', params.state);
    return location.href;
  }

  async challengeForAuthorizationCode(client, code) {
    return this.#issuedTo(client, this.#codes.get(code)).challenge;
  }

  async exchangeAuthorizationCode(client, code) {
    return this.#issue(this.#issuedTo(client, taken(this.#codes, code)));
  }

  async exchangeRefreshToken(client, token) {
    return this.#issue(this.#issuedTo(client, taken(this.#refresh, token)));
  }

  async verifyAccessToken(token) {
    const grant = this.#access.get(token);
    if (!grant) throw new InvalidTokenError('unknown token');
    return { token, clientId: grant.client, scopes: grant.scopes, expiresAt: grant.expiresAt, extra: { account: grant.account } };
  }

  async revokeToken(client, { token }) {
    const grant = this.#access.get(token) ?? this.#refresh.get(token);
    if (grant?.client !== client.client_id) return;
    this.#access.delete(token);
    this.#refresh.delete(token);
  }

  #issue({ client, account, scopes }) {
    const [access, refresh] = [secret(), secret()];
    this.#access.set(access, { client, account, scopes, expiresAt: Math.floor(Date.now() / 1000) + this.tokenLife });
    this.#refresh.set(refresh, { client, account, scopes });
    return { access_token: access, token_type: 'bearer', expires_in: this.tokenLife, refresh_token: refresh, scope: scopes.join(' ') };
  }

  #issuedTo(client, grant) {
    if (grant?.client !== client.client_id) throw new InvalidGrantError('unknown, spent or another client’s');
    return grant;
  }
}

function taken(map, key) {
  const value = map.get(key);
  map.delete(key);
  return value;
}

function secret() {
  return randomBytes(24).toString('base64url');
}
