// The npm package `oidc-provider` as an authorization server for one MCP server: open dynamic registration, PKCE,
// resource indicators, short-lived JWT access tokens and refresh tokens that rotate. `consent` says who answers at its pages:
// `given`: it signs one account in and grants all that is asked. `ask`: it asks the person in the browser first.
// `pages`: the package's own pages, which sign in whatever account is typed. So it belongs on a loopback address only.
import { exportJWK, generateKeyPair } from 'jose';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { randomBytes } from 'node:crypto';
import { Provider, errors } from 'oidc-provider';
import { consentPage, failurePage } from './consent-page.mjs';
import { SCOPES } from './scopes.mjs';

const ACCOUNT = 'demo-account';

export async function authorizationServer({ issuer, resource, consent, tokenLife, setting = {} }) {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const ownPages = consent === 'pages';
  const { features, ...others } = setting;
  const provider = new Provider(issuer, {
    jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: 'RS256', use: 'sig' }] },
    cookies: { keys: [randomBytes(32).toString('base64url')] },
    scopes: ['openid', 'offline_access', ...SCOPES],
    pkce: { required: () => true },
    issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: true,
    ttl: { AccessToken: tokenLife, AuthorizationCode: 60, Grant: 3600, Interaction: 600, RefreshToken: 3600, Session: 3600 },
    findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    ...(ownPages ? {} : { interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` } }),
    ...others,
    features: {
      devInteractions: { enabled: ownPages },
      registration: { enabled: true },
      revocation: { enabled: true },
      resourceIndicators: { enabled: true, getResourceServerInfo: (_ctx, indicator) => serverInfo(indicator, resource, tokenLife) },
      ...features,
    },
  });

  const protocol = provider.callback();
  return createServer((request, response) => {
    if (ownPages || !request.url.startsWith('/interaction/')) return protocol(request, response);
    return interact(provider, consent === 'ask', request, response).catch((failure) => {
      failurePage(response, failure);
    });
  });
}

function serverInfo(indicator, resource, tokenLife) {
  if (indicator !== resource) throw new errors.InvalidTarget();
  const jwt = { sign: { alg: 'RS256' } };
  return { audience: resource, scope: SCOPES.join(' '), accessTokenFormat: 'jwt', accessTokenTTL: tokenLife, jwt };
}

/** Signs the person in; at the consent prompt says yes for them, or asks and takes what they press. */
async function interact(provider, asks, request, response) {
  const { prompt, params, session, grantId } = await provider.interactionDetails(request, response);
  if (prompt.name === 'login') {
    return provider.interactionFinished(request, response, { login: { accountId: ACCOUNT } });
  }
  if (asks && request.method === 'GET') return consentPage(response, params, await provider.Client.find(params.client_id));
  if (asks && (await pressed(request)) !== 'approve') {
    const refusal = { error: 'access_denied', error_description: 'the person said no' };
    return provider.interactionFinished(request, response, refusal, { mergeWithLastSubmission: false });
  }
  const grant = grantId
    ? await provider.Grant.find(grantId)
    : new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  grant.addOIDCScope((prompt.details.missingOIDCScope ?? []).join(' '));
  grant.addOIDCClaims(prompt.details.missingOIDCClaims ?? []);
  for (const [indicator, scopes] of Object.entries(prompt.details.missingResourceScopes ?? {})) {
    grant.addResourceScope(indicator, scopes.join(' '));
  }
  const consent = { grantId: await grant.save() };
  return provider.interactionFinished(request, response, { consent }, { mergeWithLastSubmission: true });
}

async function pressed(request) {
  return new URLSearchParams(await text(request)).get('decision');
}
