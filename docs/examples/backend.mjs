// A back end that connects its users to an MCP server. Node 20 or newer, no packages: `node docs/examples/backend.mjs`.
// docs/integrate.md explains each step.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const api = process.env.MCP_API ?? "http://localhost:3000"; // the stack's output ApiUrl
const port = Number(process.env.APP_PORT ?? 8080);
const app = `http://localhost:${port}`;
const server = { id: "demo", url: process.env.MCP_SERVER_URL ?? "http://localhost:9402/mcp" };

// Your app's own sign-in decides this: the JWT of the user who sent the request. `local/run` needs no JWT.
const jwtOfUser = (request) => process.env.APP_JWT ?? "not-needed-by-local-run";

// One call to the service, on behalf of the user.
async function call(request, method, path, body) {
  const response = await fetch(api + path, {
    method,
    headers: { Authorization: `Bearer ${jwtOfUser(request)}`, "Content-Type": "application/json" },
    body: body && JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

// 1 and 2: put the server into the user's registry, then connect it.
async function connect(request) {
  const record = { name: "Demo", endpoint: { type: "streamableHttp", url: server.url } };
  const put = await call(request, "PUT", `/api/mcp/servers/${server.id}`, record);
  if (put.status !== 200) return json(put.status, put.body);
  const answer = await call(request, "POST", `/api/mcp/servers/${server.id}/connect`, { return_to: `${app}/return` });
  if (answer.body.status === "connected") return redirect(`${app}/return#status=connected`);
  if (answer.body.status === "authorization_required") return redirect(answer.body.authorization_url);
  return json(answer.status, answer.body);
}

// 3: the page the browser comes back to. Its script gives the completion code to this back end.
const returnPage = readFileSync(new URL("return.html", import.meta.url), "utf8");

// 4: redeem the code as the user who is signed in now. The answer can hold tokens: the browser never gets them.
async function complete(request) {
  const { completion_code } = JSON.parse(await text(request));
  const answer = await call(request, "POST", "/api/mcp/oauth/complete", { completion_code });
  return answer.status === 200 ? json(200, { status: "connected" }) : json(answer.status, { error: answer.body.error ?? answer.body.message });
}

// 5: use the server. On 401 authorization_required, send the user through connect again.
async function tools(request) {
  const answer = await call(request, "POST", "/api/mcp/oauth/access-resource", { server_id: server.id, method: "tools/list" });
  return json(answer.status, answer.body);
}

const page = (html) => ({ status: 200, headers: { "Content-Type": "text/html; charset=utf-8" }, body: html });
const json = (status, body) => ({ status, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
const redirect = (url) => ({ status: 303, headers: { Location: url }, body: "" });

async function text(request) {
  let body = "";
  for await (const part of request) body += part;
  return body;
}

const routes = {
  "GET /": () => page(`<!doctype html><title>App</title><form method="post" action="/connect"><button>Connect</button></form><a href="/tools">Tools</a>`),
  "POST /connect": connect,
  "GET /return": () => page(returnPage),
  "POST /complete": complete,
  "GET /tools": tools,
};

createServer(async (request, response) => {
  const route = routes[`${request.method} ${request.url.split("?")[0]}`];
  const answer = await Promise.resolve(route ? route(request) : json(404, { error: "not_found" }))
    .catch(() => json(502, { error: "service_unreachable" }));
  response.writeHead(answer.status, answer.headers).end(answer.body);
}).listen(port, "127.0.0.1", () => console.log(`app ${app}`));
