"""FastMCP's own authorization with an MCP server of it behind; prints `ready` when it serves.

Without MCP_UPSTREAM it is the in-memory provider, with a page that signs in whatever account is typed. With MCP_UPSTREAM, an
issuer, it is the OAuth proxy before that one, as its client MCP_UPSTREAM_CLIENT with MCP_UPSTREAM_SECRET. MCP_PORT says where;
MCP_TOKEN_LIFE is the life of access tokens, in seconds.
"""

import asyncio
import os
import secrets
import sys
from urllib.parse import parse_qs, urlsplit

from fastmcp import FastMCP
from fastmcp.server.auth import OAuthProxy
from fastmcp.server.auth.auth import ClientRegistrationOptions, RevocationOptions
from fastmcp.server.auth.providers import in_memory
from fastmcp.server.auth.providers.jwt import JWTVerifier
from fastmcp.server.dependencies import get_http_request
from key_value.aio.stores.memory import MemoryStore
from python_peer import ADMINISTER, USE, ScopeOfTool, consent_page, said, serve

PORT = int(os.environ["MCP_PORT"])
ORIGIN = f"http://localhost:{PORT}"
UPSTREAM = os.environ.get("MCP_UPSTREAM")
# The provider has no setting for it.
in_memory.DEFAULT_ACCESS_TOKEN_EXPIRY_SECONDS = int(os.environ.get("MCP_TOKEN_LIFE", "60"))


class SigningIn(in_memory.InMemoryOAuthProvider):
    """The in-memory provider approves everything and knows no accounts: here a person signs in first."""

    def __init__(self):
        super().__init__(
            base_url=ORIGIN,
            required_scopes=[USE],
            # A client that names no scope at its registration gets the default ones only.
            client_registration_options=ClientRegistrationOptions(enabled=True, valid_scopes=[USE, ADMINISTER], default_scopes=[USE]),
            revocation_options=RevocationOptions(enabled=True),
        )
        self.asked, self.accounts = {}, {}

    async def authorize(self, client, params):
        page = secrets.token_urlsafe(24)
        self.asked[page] = client, params
        return f"{ORIGIN}/consent/{page}"

    async def approve(self, page, account):
        location = await super().authorize(*self.asked.pop(page))
        self.accounts[parse_qs(urlsplit(location).query)["code"][0]] = account
        return location

    async def exchange_authorization_code(self, client, authorization_code):
        return self.belonging(self.accounts.pop(authorization_code.code), await super().exchange_authorization_code(client, authorization_code))

    async def exchange_refresh_token(self, client, refresh_token, scopes):
        return self.belonging(self.accounts.pop(refresh_token.token), await super().exchange_refresh_token(client, refresh_token, scopes))

    def belonging(self, account, tokens):
        self.accounts[tokens.access_token] = self.accounts[tokens.refresh_token] = account
        return tokens


def proxy():
    return OAuthProxy(
        upstream_authorization_endpoint=f"{UPSTREAM}/auth",
        upstream_token_endpoint=f"{UPSTREAM}/token",
        upstream_revocation_endpoint=f"{UPSTREAM}/token/revocation",
        upstream_client_id=os.environ["MCP_UPSTREAM_CLIENT"],
        upstream_client_secret=os.environ["MCP_UPSTREAM_SECRET"],
        token_verifier=JWTVerifier(jwks_uri=f"{UPSTREAM}/jwks", issuer=UPSTREAM, audience=f"{ORIGIN}/mcp", required_scopes=[USE]),
        base_url=ORIGIN,
        valid_scopes=[USE, ADMINISTER],
        client_storage=MemoryStore(),
        enable_cimd=False,  # the proxy could not read one here: it refuses loopback addresses
    )


provider = proxy() if UPSTREAM else SigningIn()
server = FastMCP("fastmcp-peer", auth=provider)


def caller():
    token = get_http_request().scope["user"].access_token
    account = token.claims["sub"] if UPSTREAM else provider.accounts[token.token]
    return said(account, token.scopes, token.token)


@server.tool
def whoami() -> str:
    """Names the account that the access token was issued to, and the token by its fingerprint."""
    return caller()


@server.tool
def administer() -> str:
    """The same, for a scope of its own."""
    return caller()


@server.custom_route("/consent/{page}", methods=["GET", "POST"])
async def consent(request):
    return await consent_page(provider, request)


if __name__ == "__main__":
    sys.exit(asyncio.run(serve(ScopeOfTool(server.http_app(path="/mcp"), ORIGIN, provider.load_access_token), PORT)))
