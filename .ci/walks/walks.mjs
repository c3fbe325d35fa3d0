// What people do in a browser with a flow, and where each has to end. Every walk gets a visit (visit.mjs) and its world:
// the service, one issuer with its MCP server, and the app.
import assert from 'node:assert/strict';

const approve = 'button[value=approve]';
const deny = 'button[value=deny]';
const REFUSED_BY_COMPLETE = /^console: .*403.*\/complete\)$/;

/** Walked against every issuer. */
export const WALKS = {
  async consent(visit, world) {
    await begin(visit, world);
    await visit.page.click(approve);
    await connected(visit);
  },

  async refusal(visit, world) {
    await begin(visit, world);
    await visit.page.click(deny);
    await notConnected(visit, 'authorization_denied');
  },

  async 'other browser'(visit, world) {
    await beginElsewhere(visit, world);
    await visit.page.click(approve);
    await connected(visit);
    await visit.page.reload();
    await connected(visit);
  },

  async 'other browser, refusal'(visit, world) {
    await beginElsewhere(visit, world);
    visit.expect(/^console: .*400.*\/complete\)$/);
    await visit.page.click(deny);
    await notConnected(visit, 'authorization_denied');
  },

  async 'other user'(visit, world) {
    await beginElsewhere(visit, world, { user: 'somebody-else' });
    visit.expect(REFUSED_BY_COMPLETE);
    await visit.page.click(approve);
    await notConnected(visit, 'session_mismatch');
  },

  async 'double click'(visit, world) {
    const callbacks = callbacksOf(visit, world);
    await begin(visit, world);
    await visit.page.dblclick(approve);
    await connected(visit);
    // The same response once more, in another tab of the same browser.
    const tab = await visit.tab();
    await tab.goto(callbacks.at(-1));
    await connected(visit, tab);
  },

  async reload(visit, world) {
    await begin(visit, world);
    await visit.page.reload();
    await visit.page.click(approve);
    await connected(visit);
    await visit.page.reload();
    await connected(visit);
  },

  async 'back button'(visit, world) {
    await begin(visit, world);
    await visit.page.click(approve);
    await connected(visit);
    if (world.issuer.asksAgain) {
      await visit.page.goBack();
      await visit.page.click(approve);
      await connected(visit);
    } else {
      // This issuer answers a consent page that was used before with an error of its own.
      visit.expect(/^console: .*400.*\/interaction\//);
      await visit.page.goBack();
    }
    await visit.page.goBack();
    await visit.page.goForward();
    if (!world.issuer.asksAgain) await visit.page.goForward();
    await connected(visit);
  },

  async 'app, its browser'(visit, world) {
    await beginInApp(visit, world);
    await visit.page.click(approve);
    await appSays(visit, world, 'connected');
  },

  async 'app, its browser, refusal'(visit, world) {
    await beginInApp(visit, world);
    await visit.page.click(deny);
    await appSays(visit, world, 'authorization_denied');
  },

  async 'app, other browser'(visit, world) {
    await beginElsewhere(visit, world, { returnTo: world.app.returnTo });
    await visit.page.click(approve);
    await appSays(visit, world, 'connected');
  },

  async 'app, other user'(visit, world) {
    await beginElsewhere(visit, world, { user: 'somebody-else', returnTo: world.app.returnTo });
    visit.expect(REFUSED_BY_COMPLETE);
    await visit.page.click(approve);
    await appSays(visit, world, 'session_mismatch');
  },
};

/** Walked once, without an issuer of its own. */
export const OTHER_WALKS = {
  async 'start page'(visit, { base }) {
    await visit.page.goto(base);
    await visit.sees('MCP OAuth client');
    const links = await visit.page.locator('a').evaluateAll((anchors) => anchors.map((anchor) => anchor.href));
    assert.ok(links.length >= 8, 'the start page has links');
    for (const link of links) {
      const response = link.startsWith(base) ? await visit.page.goto(link) : await visit.context.request.get(link);
      assert.equal(response.status(), 200, link);
    }
    await visit.page.goto(`${base}/local/return`);
    await visit.sees('Nothing to show');
  },

  /** The back end that the documentation shows, whose browser has no cookie of the service. */
  async 'example back end'(visit, { service, example }) {
    await service.disconnect('demo');
    visit.tolerate(/^console: .*404.*\/favicon\.ico\)$/); // it has no icon
    await visit.page.goto(example);
    await visit.page.getByRole('button', { name: 'Connect' }).click();
    await asks(visit);
    await visit.page.click(approve);
    await visit.page.getByText('connected', { exact: true }).waitFor();
    await visit.look();
    await visit.ends();
    await visit.page.goto(`${example}/tools`);
    await visit.page.getByText('"tools"').waitFor();
  },

  async 'expired link'(visit, { service, issuer }) {
    const { authorization_url: url } = await service.start(issuer);
    const callback = new URL(new URL(url).searchParams.get('redirect_uri'));
    callback.search = new URLSearchParams({ state: 'a-state-that-nobody-knows', code: 'a-code' });
    visit.expect(/^console: .*400/);
    await visit.page.goto(callback.href);
    await visit.sees('This link has expired or is not valid.');
  },

  async 'a stranger’s page'(visit, { base, app, serviceLog }) {
    visit.expect(/^(console: .*(403|CORS|ERR_FAILED)|net::ERR_)/); // the browser says at length what it was refused
    for (const form of ['get', 'post']) {
      const before = await serviceLog.position();
      await visit.page.goto(app.stranger);
      await serviceLog.seesRefused(before, STRANGERS_REQUESTS);
      await visit.page.evaluate((name) => document.forms[name].submit(), form);
      await visit.page.waitForURL((url) => url.href.startsWith(base));
      assert.match(await visit.page.innerText('body'), /"reason":"foreign_/);
      await serviceLog.seesRefused(before, [...STRANGERS_REQUESTS, STRANGERS_FORMS[form]]);
    }

    await visit.page.goto(app.stranger);
    await visit.page.click('a');
    await visit.sees('Nothing to show');
  },
};

/** Everything that the stranger's page (app.mjs) sends without a click, as the service's log names it. */
const STRANGERS_REQUESTS = ['GET / object', 'GET /api/mcp/servers empty cors', 'GET /api/mcp/servers empty no-cors',
  'GET /api/mcp/servers image', 'GET /local/return empty no-cors', 'GET /local/return iframe', 'GET /local/return.js script',
  'GET /local/style.css style', 'POST /api/mcp/oauth/complete empty no-cors'];
const STRANGERS_FORMS = { get: 'GET /api/mcp/servers document', post: 'POST /local/return document' };

/** Begins a flow on a page of the service, so that this browser has the cookie, and goes to the issuer's page. */
async function begin(visit, { base, issuer, service }) {
  await visit.page.goto(base);
  if (issuer.isDemo) {
    await visit.sees('MCP OAuth client');
    await visit.page.click('#connect');
  } else {
    const client = await service.client(issuer.issuer, 'local-user');
    const parameters = { auth_server_url: issuer.issuer, resource: issuer.resource, client_id: client };
    const url = await visit.page.evaluate(async (query) => {
      const response = await fetch(`/api/mcp/oauth/start-authorization?${query}`);
      return (await response.json()).authorization_url;
    }, new URLSearchParams(parameters).toString());
    await visit.follow(url);
  }
  await asks(visit);
}

/** A back end begins the flow; this browser has no cookie of it. */
async function beginElsewhere(visit, { service, issuer }, options) {
  const { authorization_url: url } = await service.start(issuer, options);
  await visit.page.goto(url);
  await asks(visit);
}

/** The app's page begins the flow, with credentials. */
async function beginInApp(visit, { base, issuer, service, app }) {
  const client = await service.client(issuer.issuer, 'local-user');
  const parameters = { auth_server_url: issuer.issuer, resource: issuer.resource, client_id: client, return_to: app.returnTo };
  await visit.page.goto(app.origin);
  // eslint-disable-next-line no-undef -- `start` is the page's
  await visit.page.evaluate(([service, given]) => start(service, given), [base, parameters]);
  await asks(visit);
}

async function asks(visit) {
  await visit.page.locator(approve).waitFor();
  await visit.look();
}

async function connected(visit, page = visit.page) {
  await visit.sees('Connected', page);
  await page.getByText(/^r:[0-9a-f]{64}$/).waitFor();
  await visit.ends(page);
}

async function notConnected(visit, error) {
  await visit.sees('Not connected');
  await visit.page.getByText(error, { exact: true }).waitFor();
  await visit.ends();
}

async function appSays(visit, { app }, outcome) {
  await visit.sees(outcome);
  assert.ok(visit.page.url().startsWith(app.returnTo), visit.page.url());
  await visit.ends();
}

/** The URLs by which responses come back to the service, as they come. */
function callbacksOf(visit, { base }) {
  const callbacks = [];
  visit.page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.origin === base && url.searchParams.has('code')) callbacks.push(url.href);
  });
  return callbacks;
}
