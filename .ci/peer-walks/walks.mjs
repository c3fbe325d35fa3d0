// What is walked against every published server. A walk has its own users, and stands for itself; it ends, fails, or says that
// the server does not offer what it is about.
import { setTimeout as pause } from 'node:timers/promises';
import { HandMadeClient } from './client.mjs';
import { NotOffered, expect, same } from './expect.mjs';

const SERVER = 'peer';

export const WALKS = {
  /**
   * Carol comes first to a service that has no client there yet. The issuer sees what she asks for, and may refuse it; it must not
   * harm dave. After a refusal she asks again, because the service then asks in another way.
   */
  async 'a scope that only one user wants'({ resource, fresh }) {
    const [carol, dave] = [fresh('carol'), fresh('dave')];
    for (const [id, scope] of [['admin', 'mcp:admin'], ['junk', 'junk']]) {
      await carol.put(id, resource, { method: 'oauth2', scopes: scope });
      if ((await wish(carol, id, scope)) === 'authorization_denied') await wish(carol, id, scope);
    }
    await connectedBy(dave, resource);
  },

  async 'connect by discovery'({ resource, app, expected, issuer }) {
    const alice = app('alice');
    await alice.put(SERVER, resource);
    const begun = await alice.connect(SERVER);
    same(begun.status, 'authorization_required', 'connect');
    same(begun.issuer, issuer, 'the issuer as it is published');
    expected.request(new URL(begun.authorization_url));
    await alice.agree(begun.authorization_url);
    same((await alice.connect(SERVER)).status, 'connected', 'connecting again');
    same((await alice.connection(SERVER)).status, 'connected', 'the connection');
  },

  async call({ resource, app }) {
    const alice = await connectedBy(app('alice'), resource);
    const caller = await alice.call(SERVER);
    has(caller.scopes, 'mcp:tools');
  },

  async 'forced refresh'({ resource, app }) {
    const alice = await connectedBy(app('alice'), resource);
    const before = await alice.call(SERVER);
    const renewed = await alice.refresh(SERVER);
    same(typeof renewed.refresh_token, 'string', 'the new refresh token');
    await anotherToken(alice, before);
    // Once more: the refresh token that came with the first one works too.
    await alice.refresh(SERVER);
    await alice.call(SERVER);
  },

  /** A refresh token works once; several at a time must not end the grant. */
  async 'refreshes at the same time'({ resource, app }) {
    const alice = await connectedBy(app('alice'), resource);
    await Promise.all(Array.from({ length: 5 }, () => alice.refresh(SERVER)));
    await alice.call(SERVER);
    await alice.refresh(SERVER);
  },

  /** The app does not ask for it: its calls go on while access tokens end. */
  async 'silent refresh'({ resource, app, tokenLife }) {
    const alice = await connectedBy(app('alice'), resource);
    const { fingerprint } = await alice.call(SERVER);
    const deadline = Date.now() + 2 * tokenLife * 1000;
    while ((await alice.call(SERVER)).fingerprint === fingerprint) {
      same(Date.now() < deadline, true, `another token within ${2 * tokenLife} s`);
      await pause(500);
    }
  },

  async 'step-up'({ resource, app, expected }) {
    const alice = await connectedBy(app('alice'), resource);
    await stepUp(alice, expected.stepUpConsents ?? 1);
    const caller = await alice.call(SERVER, 'administer');
    has(caller.scopes, 'mcp:tools');
    has(caller.scopes, 'mcp:admin');
    await alice.refresh(SERVER);
    await alice.call(SERVER, 'administer');
  },

  async 'second user'({ resource, app }) {
    const alice = await connectedBy(app('alice'), resource);
    const bob = app('bob');
    expect(await bob.tryCall(SERVER), 404, 'bob before he connects', 'not_found');
    await connectedBy(bob, resource);
    same((await alice.call(SERVER)).account, 'alice', 'the account of alice');
    await bob.disconnect(SERVER);
    await alice.refresh(SERVER);
    same((await alice.call(SERVER)).account, 'alice', 'the account of alice after bob has disconnected');
  },

  async 'foreign iss'({ resource, app }) {
    await refusedWith(app('bob'), resource, 'issuer_mismatch', (back) => back.searchParams.set('iss', 'https://elsewhere.example'));
  },

  /** RFC 9207 §2.4: a server that promises `iss` sends it always. */
  async 'missing iss'({ resource, app, metadata }) {
    if (!metadata.authorization_response_iss_parameter_supported) throw new NotOffered('its responses have no `iss`');
    await refusedWith(app('bob'), resource, 'issuer_mismatch', (back) => back.searchParams.delete('iss'));
  },

  async 'pre-registered client'({ resource, app, issuer, metadata }) {
    const alice = app('alice');
    const client = await HandMadeClient.register(alice, issuer, metadata);
    await alice.put('by-hand', resource, { method: 'oauth2', config: client.config() });
    const { authorization_url: url } = await alice.connect('by-hand');
    same(new URL(url).searchParams.get('client_id'), client.id, 'the client');
    await alice.agree(url);
    same((await alice.call('by-hand')).account, 'alice', 'the account of alice');
    await alice.refresh('by-hand');
    await alice.call('by-hand');
  },

  /** One document for all issuers, which the operator hosts. Its address is not read by the service here, only by the server. */
  async 'one hosted metadata document'({ resource, fresh, metadata }) {
    if (!metadata.client_id_metadata_document_supported) throw new NotOffered('it reads no client metadata documents');
    const alice = fresh('alice');
    await alice.put(SERVER, resource);
    const { authorization_url: url } = await alice.connect(SERVER);
    same(new URL(url).searchParams.get('client_id').endsWith('/hosted.json'), true, 'whether the client is the hosted document');
    await alice.agree(url);
    await alice.refresh(SERVER);
    same((await alice.call(SERVER)).account, 'alice', 'the account of alice');
  },

  /** The issuer lists `offline_access`, but refuses it to this user: then the next consent goes without it. */
  async 'a user without offline access'({ resource, app, expected }) {
    if (!expected.withoutOffline) throw new NotOffered('it refuses `offline_access` to no single user');
    const user = app(expected.withoutOffline);
    await user.put(SERVER, resource);
    same((await outcomeOfConsent(user)).error, 'token_request_refused', 'the first consent');
    await user.connected(SERVER);
    await user.refresh(SERVER);
    same((await user.call(SERVER)).account, user.account, 'the account');
    same((await user.connection(SERVER)).scope.includes('offline_access'), false, 'whether the scope has offline_access');
  },

  /** With a client of one's own, so that one can ask the issuer whether the refresh token still works. */
  async revocation({ resource, app, issuer, metadata, expected }) {
    if (!metadata.revocation_endpoint) throw new NotOffered('it has no revocation endpoint');
    if (expected.withoutRevocation) throw new NotOffered(expected.withoutRevocation);
    const bob = app('bob');
    const client = await HandMadeClient.register(bob, issuer, metadata);
    await bob.put('revoked', resource, { method: 'oauth2', config: client.fullConfig() });
    await bob.connected('revoked');
    const { refresh_token: token } = await bob.refresh('revoked');
    const answer = await bob.disconnect('revoked');
    same(answer.revoked, true, `whether the token was revoked, upstream_status ${answer.upstream_status}`);
    same(await client.refreshed(token, resource), 'invalid_grant', 'what the issuer says to the revoked refresh token');
    expect(await bob.tryCall('revoked'), 401, 'a call after the disconnection', 'authorization_required');
  },

  /** The service learns of it when it refreshes. */
  async 'a grant that the issuer has ended'({ resource, app, issuer, metadata }) {
    if (!metadata.revocation_endpoint) throw new NotOffered('it has no revocation endpoint');
    const carol = app('carol');
    const client = await HandMadeClient.register(carol, issuer, metadata);
    await carol.put('ended', resource, { method: 'oauth2', config: client.fullConfig() });
    await carol.connected('ended');
    await client.revoke((await carol.refresh('ended')).refresh_token);
    expect(await carol.tryRefresh('ended'), 401, 'the refresh of the ended grant', 'authorization_required');
    same((await carol.connection('ended')).status, 'reauthorization_required', 'the connection');
    await carol.connected('ended');
    same((await carol.call('ended')).account, 'carol', 'the account of carol');
  },

  /** The same SDK's server without authorization: the record names its transport, or it is found. */
  async 'HTTP+SSE without authorization'({ resource, app, expected }) {
    if (!expected.isOverSse) throw new NotOffered('it is walked over Streamable HTTP');
    const alice = app('alice');
    const open = resource.replace(/\/sse$/, '/open/sse');
    for (const [id, type] of [['open-named', 'sse'], ['open-found', 'streamableHttp']]) {
      await alice.put(id, open, undefined, type);
      same((await alice.connect(id)).status, 'connected', `connecting ${id}`);
      same((await alice.call(id)).account, 'anonymous', 'the account');
    }
  },

  async reconnect({ resource, app }) {
    const alice = await connectedBy(app('alice'), resource);
    await alice.disconnect(SERVER);
    expect(await alice.tryCall(SERVER), 401, 'a call after the disconnection', 'authorization_required');
    await connectedBy(alice, resource);
    await alice.refresh(SERVER);
    await alice.call(SERVER);
  },
};

/** A user who is connected, and whose calls reach the MCP server with that user's account. */
async function connectedBy(user, resource) {
  await user.put(SERVER, resource);
  await user.connected(SERVER);
  same((await user.call(SERVER)).account, user.account, 'the account');
  return user;
}

async function outcomeOfConsent(user) {
  return user.comeBack(await user.consent((await user.connect(SERVER)).authorization_url));
}

/** A consent for a scope, as far as the issuer lets it come; its outcome. That the issuer was asked for the scope is certain. */
async function wish(user, id, scope) {
  const answer = await user.tryConnect(id);
  if (answer.status !== 200) {
    // A pushed request: the issuer has refused it to the service itself.
    expect(answer, 400, `connecting with the scope ${scope}`, 'token_request_refused');
    return answer.body.error;
  }
  same(answer.body.status, 'authorization_required', `connecting with the scope ${scope}`);
  const { scope: requested, authorization_url: url } = answer.body;
  const { searchParams } = new URL(url);
  has((searchParams.has('request_uri') ? requested : searchParams.get('scope')).split(' '), scope);
  const { status, error } = await user.comeBack(await user.consent(url));
  const came = status ?? error;
  same(['connected', 'authorization_denied'].includes(came), true, `whether ${came} is what the scope ${scope} ends in`);
  return came;
}

function has(scopes, scope) {
  same(scopes.includes(scope), true, `whether the token has ${scope} beside ${scopes.join(' ')}`);
}

async function anotherToken(user, before) {
  const { fingerprint } = await user.call(SERVER);
  same(fingerprint !== before.fingerprint, true, 'another access token than before');
}

/** @param consents how many it takes: an issuer that holds a client to the scopes of its registration refuses the first */
async function stepUp(user, consents) {
  for (let given = 1; given <= consents; given++) {
    const answer = await user.tryCall(SERVER, 'administer', { start: true });
    expect(answer, 403, `the tool administer before consent ${given}`, 'insufficient_scope');
    const outcome = await user.comeBack(await user.consent(answer.body.authorization_url));
    same(outcome.status ?? outcome.error, given === consents ? 'connected' : 'authorization_denied', `the outcome of consent ${given}`);
  }
}

/** The browser comes back with a changed response: it is refused, and nothing is kept. */
async function refusedWith(user, resource, error, change) {
  await user.put('strange', resource);
  await user.disconnect('strange');
  const back = await user.consent((await user.connect('strange')).authorization_url);
  same(back.searchParams.has('code'), true, 'whether the browser comes back with a code');
  change(back);
  same((await user.comeBack(back)).error, error, 'the outcome');
  expect(await user.tryCall('strange'), 401, 'a call after the refusal', 'authorization_required');
}
