// The settings of `oidc-provider` that the gate `.ci/peers` walks, by their names there. The last two kinds of server want
// more of a client than a registration: a metadata document of its own, or a pushed request.

export function settingsOf(name) {
  switch (name) {
    case 'basic': return { clientAuthMethods: ['client_secret_basic'] };
    case 'post': return { clientAuthMethods: ['client_secret_post'] };
    case 'metadata-document': return {
      clientAuthMethods: ['none', 'client_secret_basic'],
      features: { clientIdMetadataDocument: { enabled: true, ack: 'draft-02' } },
      fetch: (url, options) => fetch(documentAt(url), withoutDispatcher(options)),
    };
    case 'par': return {
      clientAuthMethods: ['client_secret_basic'],
      features: { pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: true } },
    };
    default: throw new Error(`no such setting: ${name}`);
  }
}

/** `https://client.example/PORT/DOCUMENT` is an operator's host, which passes the path on to the service at that port. */
function documentAt(url) {
  const [, port, document] = new URL(url).pathname.split('/');
  return `http://localhost:${port}/api/mcp/oauth/client-metadata/${document}`;
}

/** The package's own dispatcher refuses loopback addresses. */
function withoutDispatcher({ dispatcher: _refusing, ...options }) {
  return options;
}
