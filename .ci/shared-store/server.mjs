// A strict authorization server and its MCP server, on one loopback port. A refresh token works once; sending it again ends
// the grant. The first access token is said to end after a second; the MCP server takes the latest one only.
import { createHash, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { json, text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';

/** How long a refresh takes, in milliseconds: in this time the other calls meet the lease. */
const REFRESH_TAKES = 1500;
const VERSION = '2025-11-25';

export class StrictServer {
  /** Token requests with a refresh token. */
  refreshes = 0;
  /** Those of them that sent a replaced one. */
  reuses = 0;
  #codes = new Map();
  #replaced = new Set();
  #current = {};
  #server = createServer((request, response) => this.#serve(request, response));

  async listen() {
    this.#server.keepAliveTimeout = 60_000;
    await new Promise((done) => this.#server.listen(0, '127.0.0.1', done));
    this.issuer = `http://localhost:${this.#server.address().port}`;
    this.resource = `${this.issuer}/mcp`;
  }

  close() {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #serve(request, response) {
    const url = new URL(request.url, this.issuer);
    const [status, body, headers] = await this.#answer(request, url).catch((failure) => {
      console.error(failure);
      return [500, { error: 'server_error' }];
    });
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body && JSON.stringify(body));
  }

  async #answer(request, url) {
    switch (`${request.method} ${url.pathname}`) {
      case 'GET /.well-known/oauth-protected-resource/mcp':
        return [200, { resource: this.resource, authorization_servers: [this.issuer] }];
      case 'GET /.well-known/oauth-authorization-server':
        return [200, this.#metadata()];
      case 'POST /register':
        return [201, { ...(await json(request)), client_id: randomUUID() }];
      case 'GET /authorize':
        return [302, undefined, { location: this.#consented(url.searchParams) }];
      case 'POST /token':
        return this.#token(new URLSearchParams(await text(request)));
      case 'POST /mcp':
        return this.#mcp(request.headers.authorization, await json(request));
      default:
        return [404, { error: 'not_found' }];
    }
  }

  #metadata() {
    return {
      issuer: this.issuer,
      authorization_endpoint: `${this.issuer}/authorize`,
      token_endpoint: `${this.issuer}/token`,
      registration_endpoint: `${this.issuer}/register`,
      response_types_supported: ['code'],
      grant_types_supported: ['authorization_code', 'refresh_token'],
      code_challenge_methods_supported: ['S256'],
      token_endpoint_auth_methods_supported: ['none'],
      authorization_response_iss_parameter_supported: true,
    };
  }

  #consented(asked) {
    const code = randomUUID();
    this.#codes.set(code, asked.get('code_challenge'));
    const back = new URL(asked.get('redirect_uri'));
    for (const [name, value] of [['code', code], ['state', asked.get('state')], ['iss', this.issuer]]) back.searchParams.set(name, value);
    return back.href;
  }

  async #token(form) {
    if (form.get('grant_type') === 'refresh_token') return this.#refreshed(form.get('refresh_token'));
    const challenge = this.#codes.get(form.get('code'));
    this.#codes.delete(form.get('code'));
    if (challenge !== createHash('sha256').update(form.get('code_verifier') ?? '').digest('base64url')) return [400, { error: 'invalid_grant' }];
    return this.#issue(1);
  }

  async #refreshed(sent) {
    this.refreshes++;
    if (this.#replaced.has(sent)) {
      this.reuses++;
      this.#current = {};
    }
    if (sent !== this.#current.refresh_token) return [400, { error: 'invalid_grant' }];
    const issued = this.#issue(3600);
    await pause(REFRESH_TAKES);
    return issued;
  }

  #issue(life) {
    if (this.#current.refresh_token) this.#replaced.add(this.#current.refresh_token);
    this.#current = { access_token: randomUUID(), refresh_token: randomUUID() };
    return [200, { ...this.#current, token_type: 'Bearer', expires_in: life }, { 'cache-control': 'no-store' }];
  }

  /** A server without sessions. It does not know the modern protocol. */
  #mcp(authorization, { id, method }) {
    if (authorization !== `Bearer ${this.#current.access_token}`) {
      const metadata = `${this.issuer}/.well-known/oauth-protected-resource/mcp`;
      return [401, { error: 'no_access' }, { 'www-authenticate': `Bearer resource_metadata="${metadata}"` }];
    }
    if (id === undefined) return [202];
    const result = RESULTS[method];
    return [200, { jsonrpc: '2.0', id, ...(result ? { result } : { error: { code: -32601, message: 'Method not found' } }) }];
  }
}

const RESULTS = {
  initialize: { protocolVersion: VERSION, capabilities: { tools: {} }, serverInfo: { name: 'strict', version: '1' } },
  'tools/list': { tools: [{ name: 'echo', inputSchema: { type: 'object' } }] },
};
