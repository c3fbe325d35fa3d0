// One browser with one person: fresh, of one size, and watched. What goes wrong on any page that it sees is a problem,
// unless the walk has said before that it will happen.
import assert from 'node:assert/strict';
import path from 'node:path';

/** The longest that one step takes, in milliseconds. */
const STEP = 20_000;

/** What a walk is walked at. The phone is dark, so that both schemes are seen. */
export const SIZES = [
  { name: '1280', viewport: { width: 1280, height: 800 }, colorScheme: 'light' },
  { name: '390', viewport: { width: 390, height: 844 }, colorScheme: 'dark', isMobile: true, hasTouch: true },
];

export class Visit {
  problems = [];
  expected = [];
  tolerated = [];
  #shots;
  #taken = 0;

  static async start(browser, size, shots) {
    const { viewport, colorScheme, isMobile, hasTouch } = size;
    const context = await browser.newContext({ viewport, colorScheme, isMobile, hasTouch });
    const visit = new Visit(context, shots);
    visit.page = await visit.tab();
    return visit;
  }

  constructor(context, shots) {
    this.context = context;
    this.#shots = shots;
  }

  /** One more tab of the same browser: it has the same cookies. */
  async tab() {
    const page = await this.context.newPage();
    page.setDefaultTimeout(STEP);
    page.on('console', (message) => {
      if (message.type() === 'error') this.problems.push(`console: ${message.text()} (${message.location().url})`);
    });
    page.on('pageerror', (error) => this.problems.push(`script: ${error.message}`));
    page.on('crash', () => this.problems.push('the page crashed'));
    page.on('requestfailed', (request) => {
      const { errorText } = request.failure();
      // A navigation that gives way to the next one, as by a double click, is none of the page's faults.
      if (errorText !== 'net::ERR_ABORTED') this.problems.push(`${errorText}: ${request.url()}`);
    });
    return page;
  }

  /** From now on, problems that match are part of the walk; at its end there must have been one. */
  expect(pattern) {
    this.expected.push(pattern);
  }

  /** From now on, problems that match are none. */
  tolerate(pattern) {
    this.tolerated.push(pattern);
  }

  /** Goes somewhere because a page says so, as links and scripts do; `goto` is the address bar. */
  async follow(url) {
    await Promise.all([this.page.waitForURL((now) => now.href !== url), this.page.evaluate((to) => location.assign(to), url)]);
  }

  /** Waits for a page that says this in a heading, and looks at it. */
  async sees(heading, page = this.page) {
    await page.getByRole('heading', { name: heading, exact: true }).first().waitFor();
    await this.look(page);
  }

  /** A page of ours fits its window. Keeps a picture. */
  async look(page = this.page) {
    this.#taken += 1;
    await page.screenshot({ path: `${this.#shots}-${this.#taken}.png`, fullPage: true });
    const { scrollWidth, clientWidth } = await page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.documentElement;
      return { scrollWidth, clientWidth };
    });
    assert.ok(scrollWidth <= clientWidth, `${page.url()} is ${scrollWidth} px wide in a window of ${clientWidth}`);
  }

  /** The page on which a flow ended: neither it nor its address shows a token or a code. */
  async ends(page = this.page) {
    const { search, hash } = new URL(page.url());
    assert.deepEqual({ search, hash }, { search: '', hash: '' }, 'the address bar keeps something of the flow');
    const text = await page.evaluate(() => document.body.innerText);
    // The id of a connection ends in a digest; anything else of that length is a secret.
    const [opaque] = text.replace(/r:[0-9a-f]{64}/g, '').match(/[\w-]{32,}/) ?? [];
    assert.equal(opaque, undefined, `${page.url()} shows something that may be a secret`);
  }

  async finish() {
    const known = [...this.expected, ...this.tolerated];
    const surprises = this.problems.filter((problem) => !known.some((pattern) => pattern.test(problem)));
    assert.deepEqual(surprises, [], 'the browser reported problems');
    for (const pattern of this.expected) {
      assert.ok(this.problems.some((problem) => pattern.test(problem)), `expected, but never seen: ${pattern}`);
    }
  }

  /** A last picture of what the walk failed at. */
  async failed() {
    await this.page.screenshot({ path: `${this.#shots}-failed.png` }).catch(() => {});
    return `${this.page.url()}\n${await this.page.evaluate(() => document.body.innerText).catch(() => '')}`;
  }

  async close() {
    await this.context.close();
  }
}

export function shotsOf(folder, name) {
  return path.join(folder, name.replaceAll(/[^a-z0-9]+/g, '-'));
}
