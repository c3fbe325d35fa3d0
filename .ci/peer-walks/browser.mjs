// A person's browser at the pages of an authorization server: keeps cookies, follows redirects, and fills in and sends the
// forms it is shown, as the person who signs in with one account and says yes.
import { request } from './http.mjs';

const MAX_PAGES = 20;

export class Browser {
  #cookies = [];
  #account;
  #home;

  /** @param home origin of the service, at whose callback every consent ends */
  constructor(home, account) {
    this.#home = home;
    this.#account = account;
  }

  /** From the authorization URL to the redirect back to the service, which is not followed. */
  async consent(authorizationUrl) {
    let next = { url: new URL(authorizationUrl) };
    for (let page = 0; page < MAX_PAGES; page++) {
      if (next.url.origin === this.#home) return next.url;
      const response = await this.open(next.url, next);
      const html = await response.text();
      const location = response.headers.get('location');
      if (location) next = { url: new URL(location, next.url) };
      else next = this.#filled(html, next.url) ?? ended(next.url, response.status, html);
    }
    throw new Error(`more than ${MAX_PAGES} pages and redirects`);
  }

  /** One request with this browser's cookies. */
  async open(url, { form } = {}) {
    const cookie = this.#cookies
      .filter(({ origin, path }) => origin === url.origin && url.pathname.startsWith(path))
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
    const headers = { accept: 'text/html', ...(cookie && { cookie }) };
    const response = await request(url, { method: form ? 'POST' : 'GET', body: form, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) this.#keep(url.origin, line);
    return response;
  }

  cookiesOf(origin) {
    return this.#cookies.filter((cookie) => cookie.origin === origin).map(({ name, value }) => `${name}=${value}`).join('; ');
  }

  keepCookies(origin, response) {
    for (const line of response.headers.getSetCookie()) this.#keep(origin, line);
  }

  #keep(origin, line) {
    const [pair, ...attributes] = line.split(';').map((part) => part.trim());
    const [name, value] = divided(pair);
    const said = Object.fromEntries(attributes.map(divided).map(([key, given]) => [key.toLowerCase(), given]));
    const path = said.path ?? '/';
    this.#cookies = this.#cookies.filter((cookie) => cookie.origin !== origin || cookie.name !== name || cookie.path !== path);
    const isOver = said['max-age'] === '0' || (said.expires && Date.parse(said.expires) < Date.now());
    if (!isOver) this.#cookies.push({ origin, name, value, path });
  }

  /** The page's first form, signed in with the account and approved; undefined without a form. */
  #filled(html, url) {
    const [, attributes, inside] = /<form\b([^>]*)>([\s\S]*?)<\/form>/i.exec(html) ?? [];
    if (inside === undefined) return undefined;
    const form = new URLSearchParams();
    for (const [tag, kind] of inside.matchAll(/<(input|button)\b[^>]*>/gi)) {
      const { name, value = '', type = kind === 'input' ? 'text' : 'submit' } = attributesOf(tag);
      if (/\sdisabled\b/.test(tag)) continue;
      if (type === 'checkbox' && name === 'scope') form.append(name, value);
      if (!name || form.has(name)) continue;
      if (type === 'text' || type === 'password') form.set(name, this.#account);
      else if (type === 'hidden' || isYes(name, value)) form.set(name, value);
    }
    return { url: new URL(attributesOf(attributes).action ?? '', url), form };
  }
}

/** Of several buttons the one that approves; other boxes than those of scopes are left as they are. */
function isYes(name, value) {
  return name === 'accept' || value === 'approve';
}

function attributesOf(tag) {
  const found = [...tag.matchAll(/([\w-]+)\s*=\s*"([^"]*)"/g)];
  return Object.fromEntries(found.map(([, name, value]) => [name.toLowerCase(), unescaped(value)]));
}

function unescaped(text) {
  const names = { amp: '&', quot: '"', lt: '<', gt: '>' };
  return text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (whole, decimal, hex, name) =>
    decimal ? String.fromCodePoint(decimal) : hex ? String.fromCodePoint(parseInt(hex, 16)) : names[name] ?? whole);
}

function divided(pair) {
  const at = pair.indexOf('=');
  return at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
}

function ended(url, status, html) {
  const text = html.replace(/<(style|script|title)[\s\S]*?<\/\1>/gi, '').replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ').trim();
  throw new Error(`the browser ended at ${url.origin}${url.pathname} with HTTP ${status}: ${text.slice(0, 300)}`);
}
