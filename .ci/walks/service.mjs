// The service's API as a back end calls it: without a browser, so without its cookie.

/** The longest that one call takes, in milliseconds. */
const STEP = 20_000;

export class Service {
  #clients = new Map();

  constructor(base) {
    this.base = base;
  }

  /** Starts a flow of a user; the answer has `authorization_url`. */
  async start({ issuer, resource }, { user = 'local-user', returnTo } = {}) {
    const client = await this.client(issuer, user);
    const parameters = { auth_server_url: issuer, resource, client_id: client, ...(returnTo && { return_to: returnTo }) };
    return this.#call('start-authorization', parameters, { headers: { 'X-Local-User': user } });
  }

  /** Forgets the connection of a server of the registry, if there is one. */
  async disconnect(mcpId) {
    await fetch(`${this.base}/api/mcp/servers/${mcpId}/connection`, { method: 'DELETE', signal: AbortSignal.timeout(STEP) });
  }

  /** A client of the user's own at the issuer: registered once. */
  client(issuer, user) {
    const key = `${issuer} ${user}`;
    if (!this.#clients.has(key)) this.#clients.set(key, this.#register(issuer, user));
    return this.#clients.get(key);
  }

  async #register(issuer, user) {
    const server = await this.#call('discover-auth-server', { auth_server_url: issuer }, {});
    const metadata = { client_name: 'A browser walk', redirect_uris: [`${this.base}/api/mcp/oauth/callback`] };
    const registered = await this.#call('register-client', { registration_url: server.registration_endpoint }, {
      method: 'POST',
      headers: { 'X-Local-User': user, 'Content-Type': 'application/json' },
      body: JSON.stringify({ ...metadata, grant_types: ['authorization_code', 'refresh_token'], response_types: ['code'] }),
    });
    return registered.client_id;
  }

  async #call(path, parameters, init) {
    const url = `${this.base}/api/mcp/oauth/${path}?${new URLSearchParams(parameters)}`;
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(STEP) });
    const body = await response.json();
    if (!response.ok) throw new Error(`${path}: ${response.status} ${JSON.stringify(body)}`);
    return body;
  }
}
