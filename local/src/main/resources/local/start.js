// Begins a flow with the demo server as an app's page would: registers a client, asks for the URL, goes there.
const button = document.getElementById("connect");

const call = async (path, parameters, request) => {
  const response = await fetch(`/api/mcp/oauth/${path}?${new URLSearchParams(parameters)}`, request);
  const body = await response.json();
  if (!response.ok) throw new Error(body.error_description ?? body.message);
  return body;
};

const connect = async ({ resource, issuer }) => {
  const server = await call("discover-auth-server", { auth_server_url: issuer });
  const client = await call("register-client", { registration_url: server.registration_endpoint }, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({
      client_name: "Local start page",
      redirect_uris: [`${location.origin}/api/mcp/oauth/callback`],
      grant_types: ["authorization_code", "refresh_token"],
    }),
  });
  const flow = await call("start-authorization", { auth_server_url: issuer, resource, client_id: client.client_id });
  location.assign(flow.authorization_url);
};

button?.addEventListener("click", async () => {
  const problem = document.getElementById("problem");
  problem.hidden = true;
  button.disabled = true;
  try {
    await connect(button.dataset);
  } catch (failure) {
    problem.textContent = failure.message;
    problem.hidden = false;
  }
  button.disabled = false;
});
