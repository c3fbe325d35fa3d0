// The app: one user who calls the service's public HTTP API, with the browser of that user.
import { Browser } from './browser.mjs';
import { expect, same } from './expect.mjs';
import { request } from './http.mjs';

export class App {
  #base;
  #user;
  #type;

  /**
   * @param account the account with which the user signs in at the authorization server
   * @param type the transport that the user's records name
   */
  constructor(base, user, account, type) {
    this.#base = base;
    this.#user = user;
    this.#type = type;
    this.account = account;
    this.browser = new Browser(base, account);
  }

  async put(id, url, authorization, type = this.#type) {
    const record = { name: id, endpoint: { type, url }, ...(authorization && { authorization }) };
    expect(await this.send('PUT', `/api/mcp/servers/${id}`, record), 200, 'the record');
  }

  /** What `connect` answers: connected, or where to send the browser. */
  async connect(id) {
    const answer = await this.tryConnect(id);
    expect(answer, 200, 'connect');
    return answer.body;
  }

  tryConnect(id) {
    return this.send('POST', `/api/mcp/servers/${id}/connect`, {});
  }

  /** Through the pages of the authorization server, to the redirect back. */
  consent(authorizationUrl) {
    return this.browser.consent(authorizationUrl);
  }

  /** The browser comes back to the service, which sends it on: the outcome is in the fragment. */
  async comeBack(url) {
    const response = await this.browser.open(url);
    await response.arrayBuffer();
    const location = response.headers.get('location') ?? '';
    same(location.includes('#'), true, `whether the callback sends the browser on, HTTP ${response.status}`);
    return Object.fromEntries(new URLSearchParams(location.slice(location.indexOf('#') + 1)));
  }

  /** Connects the server with whatever consent is needed. */
  async connected(id) {
    const { status, authorization_url: url } = await this.connect(id);
    if (status !== 'connected') await this.agree(url);
  }

  async agree(authorizationUrl) {
    const outcome = await this.comeBack(await this.consent(authorizationUrl));
    same(outcome.status ?? outcome.error, 'connected', 'the outcome of the consent');
  }

  /** Calls a tool; what it says of its caller. */
  async call(id, tool = 'whoami') {
    const answer = await this.tryCall(id, tool);
    expect(answer, 200, `the tool ${tool}`);
    const { isError, content } = answer.body.data;
    same(isError ?? false, false, `whether the tool ${tool} failed`);
    return JSON.parse(content[0].text);
  }

  tryCall(id, tool = 'whoami', more = {}) {
    const params = { name: tool, arguments: {} };
    return this.send('POST', '/api/mcp/oauth/access-resource', { server_id: id, method: 'tools/call', params, ...more });
  }

  tryRefresh(id) {
    return this.send('POST', '/api/mcp/oauth/refresh-token', { server_id: id });
  }

  async refresh(id) {
    const answer = await this.tryRefresh(id);
    expect(answer, 200, 'the refresh');
    return answer.body;
  }

  async disconnect(id) {
    const answer = await this.send('DELETE', `/api/mcp/servers/${id}/connection`);
    expect(answer, 200, 'the disconnection');
    return answer.body;
  }

  async connection(id) {
    const answer = await this.send('GET', `/api/mcp/connections/${id}`);
    expect(answer, 200, 'the connection');
    return answer.body;
  }

  /** A 200 answer to a GET of the guide. */
  async ask(path, parameters) {
    const answer = await this.send('GET', `/api/mcp/oauth/${path}?${new URLSearchParams(parameters)}`);
    expect(answer, 200, path);
    return answer.body;
  }

  async send(method, path, body) {
    const headers = { accept: 'application/json', 'x-local-user': this.#user };
    // The app's calls come from a page in the user's browser, so its cookies go along.
    const cookie = this.browser.cookiesOf(this.#base);
    if (cookie) headers.cookie = cookie;
    if (body) headers['content-type'] = 'application/json';
    const response = await request(this.#base + path, { method, headers, body: body && JSON.stringify(body) });
    this.browser.keepCookies(this.#base, response);
    const text = await response.text();
    try {
      return { status: response.status, body: JSON.parse(text) };
    } catch {
      return { status: response.status, body: {} };
    }
  }
}
