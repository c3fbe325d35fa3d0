// The app on another port: a page that starts a flow with the user's cookie, and a return page with the code of the API page.
// Under another name of this machine the same server is a stranger's site.
import { createServer } from 'node:http';

export function app({ base, code }) {
  return createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    const page = { '/': START, '/return': returnPage(code), '/stranger': strangersPage(base) }[pathname];
    response.writeHead(page ? 200 : 404, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
    response.end(page ?? '');
  });
}

const HEAD = `<!doctype html><html lang="en"><meta charset="utf-8"><link rel="icon" href="data:,">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>App</title>
<style>:root { color-scheme: light dark; } body { font-family: sans-serif; }</style>`;

const START = `${HEAD}<h1>App</h1>
<script>
const start = async (base, parameters) => {
  const url = base + "/api/mcp/oauth/start-authorization?" + new URLSearchParams(parameters);
  const response = await fetch(url, { credentials: "include" });
  location.assign((await response.json()).authorization_url);
};
</script>`;

const returnPage = (code) => `${HEAD}<h1>…</h1>
<script type="module">
const tokenOfTheUserNow = async () => "a-jwt";
${code}
document.querySelector("h1").textContent = outcome;
</script>`;

/** Everything by which a page can send a request without asking. */
const strangersPage = (base) => `${HEAD}<h1>Stranger</h1>
<img src="${base}/api/mcp/servers?by=picture">
<iframe src="${base}/local/return?by=frame"></iframe>
<object data="${base}/?by=object"></object>
<script src="${base}/local/return.js?by=script"></script>
<link rel="stylesheet" href="${base}/local/style.css?by=style">
<link rel="prefetch" href="${base}/local/return?by=prefetch">
<form name="get" action="${base}/api/mcp/servers"><input name="by" value="form"></form>
<form name="post" method="post" action="${base}/local/return?by=post"></form>
<a href="${base}/local/return">a link</a>
<script>
fetch("${base}/api/mcp/servers?by=fetch").catch(() => {});
fetch("${base}/api/mcp/servers?by=simple", { mode: "no-cors" }).catch(() => {});
fetch("${base}/api/mcp/oauth/complete?by=posted", { method: "POST", mode: "no-cors", body: "{}" }).catch(() => {});
</script>`;
