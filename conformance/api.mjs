// The app: calls the service's public HTTP API as one user, and sends the user's browser where the service says.
const MOST_CONSENTS = 3;
const NEEDS_CONSENT = { 401: 'authorization_required', 403: 'insufficient_scope' };

export class Api {
  #base;
  #user;
  #browser;
  #consents = 0;

  constructor(base, user, browser) {
    this.#base = new URL(base);
    this.#user = user;
    this.#browser = browser;
  }

  /** The members of a 200 answer; everything else throws. */
  async ok(method, path, body) {
    const { status, answer } = await this.#send(method, path, body);
    if (status !== 200) throw refused(method, path, status, answer);
    return answer;
  }

  /**
   * A request to the MCP server: a consent that turns out to be needed is given, and the request made again. Gives
   * `{data}`, or `{rpcError}` where the MCP server itself answered with an error.
   */
  async access(method, path, body) {
    for (;;) {
      const { status, answer } = await this.#send(method, path, body);
      if (status === 200) return { data: answer.data };
      if (status === 502 && answer.error === 'upstream_error' && answer.upstream) return { rpcError: answer.upstream };
      if (answer.error !== NEEDS_CONSENT[status] || !answer.authorization_url) throw refused(method, path, status, answer);
      await this.consent(answer.authorization_url);
    }
  }

  async consent(authorizationUrl) {
    if (++this.#consents > MOST_CONSENTS) throw new Error(`the service asked for more than ${MOST_CONSENTS} consents`);
    await this.#browser.consent(authorizationUrl);
  }

  async #send(method, path, body) {
    const headers = { accept: 'application/json', 'x-local-user': this.#user };
    // The app's calls come from a page in the user's browser, so its cookies go along.
    const cookie = this.#browser.cookies(this.#base.origin);
    if (cookie) headers.cookie = cookie;
    if (body !== undefined) headers['content-type'] = 'application/json';
    const response = await fetch(new URL(path, this.#base), { method, headers, body: body && JSON.stringify(body) });
    this.#browser.keepCookies(this.#base.origin, response);
    const text = await response.text();
    return { status: response.status, answer: parsed(text) };
  }
}

function parsed(text) {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}

function refused(method, path, status, { error, error_description: description, request_id: request }) {
  const why = [error, description, request && `request_id ${request}`].filter(Boolean).join(', ');
  return new Error(`${method} ${path.split('?')[0]} answered ${status}${why && `: ${why}`}`);
}
