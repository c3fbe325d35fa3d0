// The settings of `oidc-provider` that the gate `.ci/peers` walks, by their names there. The last two kinds of server want
// more of a client than a registration: a metadata document of its own, or a pushed request.

export function settingsOf(name, issuer) {
  switch (name) {
    case 'basic': return { clientAuthMethods: ['client_secret_basic'] };
    case 'post': return { clientAuthMethods: ['client_secret_post'] };
    case 'metadata-document': return {
      clientAuthMethods: ['none', 'client_secret_basic'],
      features: { clientIdMetadataDocument: { enabled: true, ack: 'draft-02' } },
      fetch: (url, options) => documentAt(new URL(url), issuer, withoutDispatcher(options)),
    };
    case 'par': return {
      clientAuthMethods: ['client_secret_basic'],
      features: { pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: true } },
    };
    default: throw new Error(`no such setting: ${name}`);
  }
}

/** `https://client.example/PORT/DOCUMENT` is an operator's host: it hosts one document, and passes the others on to the service at PORT. */
export async function documentAt(url, issuer, options) {
  const [, port, document] = url.pathname.split('/');
  const service = `http://localhost:${port}/api/mcp/oauth`;
  if (document !== 'hosted.json') return fetch(`${service}/client-metadata/${document}`, options);
  const asked = await fetch(`${service}/redirect-uri?auth_server_url=${encodeURIComponent(issuer)}`, options);
  const { redirect_uri: redirectUri } = await asked.json();
  return Response.json({
    client_id: url.href,
    client_name: 'Hosted',
    redirect_uris: [redirectUri],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    application_type: 'native',
  });
}

/** The package's own dispatcher refuses loopback addresses. */
function withoutDispatcher({ dispatcher: _refusing, ...options }) {
  return options;
}
