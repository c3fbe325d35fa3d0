// The user's browser: follows redirects, keeps cookies per origin, and says where a consent ended.
const MOST_REDIRECTS = 10;
const REDIRECTS = new Set([302, 303, 307]);

export class Browser {
  #jars = new Map();
  #home;

  /** @param home origin of the service, whose callback every consent must end at */
  constructor(home) {
    this.#home = home;
  }

  cookies(origin) {
    return [...(this.#jars.get(origin) ?? [])].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  keepCookies(origin, response) {
    const jar = this.#jars.get(origin) ?? new Map();
    for (const line of response.headers.getSetCookie()) {
      const [pair, ...attributes] = line.split(';');
      const at = pair.indexOf('=');
      const name = pair.slice(0, at).trim();
      if (attributes.some((attribute) => /^\s*max-age\s*=\s*0\s*$/i.test(attribute))) jar.delete(name);
      else jar.set(name, pair.slice(at + 1).trim());
    }
    this.#jars.set(origin, jar);
  }

  /** From the authorization URL to the service's callback, and throws unless that says that the user is connected. */
  async consent(authorizationUrl) {
    let url = new URL(authorizationUrl);
    for (let hop = 0; hop <= MOST_REDIRECTS; hop++) {
      const response = await this.#open(url);
      const location = response.headers.get('location');
      if (!REDIRECTS.has(response.status) || !location) {
        throw new Error(`the browser ended at ${url.origin}${url.pathname} with HTTP ${response.status}`);
      }
      const next = new URL(location, url);
      // The app's page gets the outcome in the fragment, which no server sees.
      if (url.origin === this.#home && next.hash) return connected(new URLSearchParams(next.hash.slice(1)));
      url = next;
    }
    throw new Error(`more than ${MOST_REDIRECTS} redirects`);
  }

  async #open(url) {
    const headers = { accept: 'text/html' };
    const cookie = this.cookies(url.origin);
    if (cookie) headers.cookie = cookie;
    const response = await fetch(url, { headers, redirect: 'manual' });
    this.keepCookies(url.origin, response);
    await response.arrayBuffer();
    return response;
  }
}

function connected(outcome) {
  if (outcome.get('status') === 'connected') return;
  const what = outcome.get('error') ?? (outcome.has('completion_code') ? 'the service did not know its own cookie' : 'no outcome');
  throw new Error(`the consent failed: ${what}`);
}
