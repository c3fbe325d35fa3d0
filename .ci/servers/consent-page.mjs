// The pages on which a person approves or denies, as plain as authorization servers have them.

export function consentPage(response, { resource, scope }, client) {
  const body = `<h1>${escape(client.clientName ?? client.clientId)} asks for access</h1>
<p>Resource: ${escape(String(resource))}</p>
<p>Scope: ${escape(scope ?? '')}</p>
<form method="post">
<button name="decision" value="approve">Approve</button>
<button name="decision" value="deny">Deny</button>
</form>`;
  send(response, 200, page(body));
}

export function signInPage(response, action, client, scopes) {
  send(response, 200, signInHtml(action, client, scopes));
}

/** Sign-in and consent on one page: approved by whom, is what is typed. @param hidden fields that are sent along */
export function signInHtml(action, client, scopes, hidden = {}) {
  const fields = Object.entries(hidden).map(([name, value]) => `<input type="hidden" name="${escape(name)}" value="${escape(value)}">\n`);
  return page(`<h1>${escape(client)} asks for access</h1>
<p>Scope: ${escape(scopes.join(' '))}</p>
<form method="post" action="${escape(action)}">
${fields.join('')}<input name="login" autocomplete="username">
<button name="decision" value="approve">Approve</button>
</form>`);
}

/** Consent pages that are over, for example. */
export function failurePage(response, failure) {
  send(response, 400, page(`<h1>${escape(String(failure.message))}</h1>`));
}

function send(response, status, html) {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
  response.end(html);
}

function page(body) {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Consent</title>
<link rel="icon" href="data:,">
<style>:root { color-scheme: light dark; } body { font: 1rem/1.6 sans-serif; margin: 10vh 1.25rem; overflow-wrap: anywhere; }</style>
</head>
<body>
${body}
</body>
</html>
`;
}

function escape(text) {
  return text.replace(/[&<>"]/g, (character) => `&#${character.codePointAt(0)};`);
}
