"""The authorization routes of the Python SDK with an MCP server of it behind them; prints `ready` when it serves.

Runs on the versions 1 and 2 of the SDK. The provider keeps everything in memory, signs in whatever account is typed, and rotates
refresh tokens. MCP_PORT says where; MCP_TOKEN_LIFE is the life of access tokens, in seconds. With MCP_TRANSPORT=sse, the SDK's own
HTTP+SSE server is behind the routes, at `/sse`, and one without authorization beside it, at `/open/sse`.
"""

import asyncio
import os
import secrets
import sys
import time
from importlib.metadata import version

from mcp.server.auth.provider import (
    AccessToken,
    AuthorizationCode,
    RefreshToken,
    construct_redirect_uri,
)
from mcp.server.auth.settings import AuthSettings, ClientRegistrationOptions, RevocationOptions
from mcp.shared.auth import OAuthToken
from python_peer import ADMINISTER, USE, ScopeOfTool, consent_page, said, serve
from starlette.applications import Starlette
from starlette.routing import Mount

if version("mcp").startswith("1."):
    from mcp.server.fastmcp import Context
    from mcp.server.fastmcp import FastMCP as Server
else:
    from mcp.server.mcpserver import Context
    from mcp.server.mcpserver import MCPServer as Server

PORT = int(os.environ["MCP_PORT"])
TOKEN_LIFE = int(os.environ.get("MCP_TOKEN_LIFE", "60"))
ORIGIN = f"http://localhost:{PORT}"
SSE = os.environ.get("MCP_TRANSPORT") == "sse"
PATH = "/sse" if SSE else "/mcp"
RESOURCE = f"{ORIGIN}{PATH}"


class MemoryProvider:
    """What the SDK's routes ask of the one who uses them."""

    def __init__(self):
        self.clients, self.asked, self.codes, self.access, self.refresh = {}, {}, {}, {}, {}

    async def get_client(self, client_id):
        return self.clients.get(client_id)

    async def register_client(self, client_info):
        self.clients[client_info.client_id] = client_info

    async def authorize(self, client, params):
        page = secrets.token_urlsafe(24)
        self.asked[page] = client, params
        return f"{ORIGIN}/consent/{page}"

    async def approve(self, page, account):
        """The redirect of a person who has signed in and approved."""
        client, params = self.asked.pop(page)
        code = secrets.token_urlsafe(24)
        self.codes[code] = AuthorizationCode(
            code=code,
            client_id=client.client_id,
            scopes=params.scopes or [],
            expires_at=time.time() + 60,
            code_challenge=params.code_challenge,
            redirect_uri=params.redirect_uri,
            redirect_uri_provided_explicitly=params.redirect_uri_provided_explicitly,
            resource=params.resource,
            subject=account,
        )
        return construct_redirect_uri(str(params.redirect_uri), code=code, state=params.state)

    async def load_authorization_code(self, client, authorization_code):
        return self.codes.get(authorization_code)

    async def exchange_authorization_code(self, client, authorization_code):
        return self.issue(self.codes.pop(authorization_code.code))

    async def load_refresh_token(self, client, refresh_token):
        return self.refresh.get(refresh_token)

    async def exchange_refresh_token(self, client, refresh_token, scopes):
        return self.issue(self.refresh.pop(refresh_token.token))

    async def load_access_token(self, token):
        return self.access.get(token)

    async def revoke_token(self, token):
        """A grant is revoked with all its tokens."""
        for kept in (self.access, self.refresh):
            for name in [name for name, other in kept.items() if (other.client_id, other.subject) == (token.client_id, token.subject)]:
                del kept[name]

    def issue(self, grant):
        grant_of = {"client_id": grant.client_id, "scopes": grant.scopes, "resource": grant.resource, "subject": grant.subject}
        access, refresh = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        self.access[access] = AccessToken(token=access, expires_at=int(time.time()) + TOKEN_LIFE, **grant_of)
        self.refresh[refresh] = RefreshToken(token=refresh, **grant_of)
        return OAuthToken(access_token=access, expires_in=TOKEN_LIFE, refresh_token=refresh, scope=" ".join(grant.scopes))


provider = MemoryProvider()
server = Server(
    "python-sdk-peer",
    auth_server_provider=provider,
    auth=AuthSettings(
        issuer_url=ORIGIN,
        resource_server_url=RESOURCE,
        required_scopes=[USE],
        # A client that names no scope at its registration gets the default ones only.
        client_registration_options=ClientRegistrationOptions(enabled=True, valid_scopes=[USE, ADMINISTER], default_scopes=[USE]),
        revocation_options=RevocationOptions(enabled=True),
        validate_token_resource=True,
    ),
)


def caller(ctx):
    # Not `get_access_token()`: in version 1 that is the token with which the MCP session was opened.
    token = ctx.request_context.request.scope["user"].access_token
    return said(token.subject, token.scopes, token.token)


@server.tool()
def whoami(ctx: Context) -> str:
    """Names the account that the access token was issued to, and the token by its fingerprint."""
    return caller(ctx)


@server.tool()
def administer(ctx: Context) -> str:
    """The same, for a scope of its own."""
    return caller(ctx)


@server.custom_route("/consent/{page}", methods=["GET", "POST"])
async def consent(request):
    return await consent_page(provider, request)


def over_sse():
    unprotected = Server("python-sdk-open-peer")

    @unprotected.tool(name="whoami")
    def anonymous() -> str:
        """Names nobody."""
        return said("anonymous", [], "")

    return Starlette(routes=[Mount("/open", app=unprotected.sse_app()), Mount("/", app=server.sse_app())])


if __name__ == "__main__":
    app = over_sse() if SSE else server.streamable_http_app()
    messages = "/messages/" if SSE else PATH
    sys.exit(asyncio.run(serve(ScopeOfTool(app, ORIGIN, provider.load_access_token, PATH, messages), PORT)))
