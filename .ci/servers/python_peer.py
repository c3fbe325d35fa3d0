"""What the Python servers here have in common: what they protect, how they are served, and the page on which a person signs in."""

import asyncio
import hashlib
import html
import json
import logging

import uvicorn
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse

USE, ADMINISTER = "mcp:tools", "mcp:admin"


def said(account, scopes, token):
    """What a tool says of its caller; the token as a fingerprint."""
    return json.dumps({"account": account, "scopes": scopes, "fingerprint": hashlib.sha256(token.encode()).hexdigest()[:12]})


async def consent_page(provider, request):
    """Sign-in and consent on one page. What a page asks is in `provider.asked`; `provider.approve` says where to go then."""
    page = request.path_params["page"]
    if page not in provider.asked:
        return HTMLResponse("This page is over.", status_code=400)
    if request.method == "POST":
        return RedirectResponse(await provider.approve(page, str((await request.form())["login"])), status_code=302)
    client, params = provider.asked[page]
    return sign_in_page(client.client_name or client.client_id, params.scopes or [])


def sign_in_page(client, scopes):
    return HTMLResponse(f"""<!doctype html><title>Consent</title><h1>{html.escape(client)} asks for access</h1>
<p>Scope: {html.escape(" ".join(scopes))}</p>
<form method="post"><input name="login"><button name="decision" value="approve">Approve</button></form>""")


class ScopeOfTool:
    """Asks for the scope of the tool `administer`. The SDKs know scopes for a whole server only."""

    def __init__(self, app, origin, load_access_token, path="/mcp", messages="/mcp"):
        self.app, self.load_access_token, self.messages = app, load_access_token, messages
        self.metadata = f"{origin}/.well-known/oauth-protected-resource{path}"

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http" or scope["method"] != "POST" or scope["path"] != self.messages:
            return await self.app(scope, receive, send)
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        if administers(body) and await self.lacks_scope(dict(scope["headers"]).get(b"authorization", b"").decode()):
            challenge = f'Bearer error="insufficient_scope", scope="{USE} {ADMINISTER}", resource_metadata="{self.metadata}"'
            refusal = JSONResponse({"error": "insufficient_scope"}, status_code=403, headers={"WWW-Authenticate": challenge})
            return await refusal(scope, receive, send)
        unread = [{"type": "http.request", "body": body, "more_body": False}]
        return await self.app(scope, lambda: again(unread, receive), send)

    async def lacks_scope(self, authorization):
        token = await self.load_access_token(authorization.removeprefix("Bearer "))
        return token is not None and ADMINISTER not in token.scopes


async def again(unread, receive):
    return unread.pop() if unread else await receive()


def administers(body):
    try:
        message = json.loads(body)
    except ValueError:
        return False
    return isinstance(message, dict) and message.get("method") == "tools/call" and message.get("params", {}).get("name") == "administer"


async def serve(app, port):
    """Prints `ready` when it serves."""
    logging.getLogger().setLevel(logging.WARNING)  # otherwise each request is a line
    running = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning", lifespan="on"))
    task = asyncio.create_task(running.serve())
    while not running.started and not task.done():
        await asyncio.sleep(0.05)
    if running.started:
        print("ready", flush=True)
    await task
