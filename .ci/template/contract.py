"""What the template is held against: the routes, who may call them, the settings.

What a function may touch is not listed: LeastRightsTest derives it from the class files.
"""

# Function folder -> its operations. PUBLIC are those that need no JWT; every other one must name the authorizer.
ROUTES = {
    "discover-resource": ["GET /api/mcp/oauth/discover-resource"],
    "discover-auth-server": ["GET /api/mcp/oauth/discover-auth-server"],
    "redirect-uri": ["GET /api/mcp/oauth/redirect-uri"],
    "register-client": ["POST /api/mcp/oauth/register-client"],
    "start-authorization": ["GET /api/mcp/oauth/start-authorization"],
    "callback": ["GET /api/mcp/oauth/callback", "GET /api/mcp/oauth/issuer/{context}/callback"],
    "complete": ["POST /api/mcp/oauth/complete"],
    "refresh-token": ["POST /api/mcp/oauth/refresh-token"],
    "access-resource": ["GET /api/mcp/oauth/access-resource", "POST /api/mcp/oauth/access-resource"],
    "mcp-proxy": [
        "GET /api/mcp/servers/{mcpId}/mcp",
        "POST /api/mcp/servers/{mcpId}/mcp",
        "DELETE /api/mcp/servers/{mcpId}/mcp",
    ],
    "servers": [
        "GET /api/mcp/servers",
        "POST /api/mcp/servers",
        "GET /api/mcp/servers/{mcpId}",
        "PUT /api/mcp/servers/{mcpId}",
        "DELETE /api/mcp/servers/{mcpId}",
    ],
    "connect": ["POST /api/mcp/servers/{mcpId}/connect"],
    "connections": ["GET /api/mcp/connections", "GET /api/mcp/connections/{id}"],
    "disconnect": ["DELETE /api/mcp/servers/{mcpId}/connection"],
    "forget-user": ["DELETE /api/mcp/users/{userId}"],
    "client-metadata": [
        "GET /api/mcp/oauth/client-metadata.json",
        "GET /api/mcp/oauth/client-metadata/{document}",
        "GET /api/mcp/oauth/jwks.json",
    ],
    "scheduled-refresh": [],
    "reencrypt": [],
    "grant-events": [],
    "webhook": [],
    "authorizer": [],
}

PUBLIC = {*ROUTES["callback"], *ROUTES["client-metadata"]}

# In the template's one name space the parameter Authorizer stands where the function's logical id would.
LOGICAL_IDS = {"authorizer": "AuthorizerFunction"}

SETTINGS = set(
    """
    SESSIONS_TABLE TOKENS_TABLE DUE_TABLE REGISTRATIONS_TABLE SERVERS_TABLE
    KEY_RING_SECRET CLIENT_SECRET_PREFIX SIGNING_KEY_SECRET
    PUBLIC_BASE_URL TOKEN_RESPONSES RETURN_TO_ALLOWLIST CORS_ORIGINS CLIENT_METADATA_URL CLIENT_NAME
    USER_CLAIM REQUIRED_SCOPE ISSUER_BINDINGS PKCE_EXCEPTIONS PLAIN_CALLBACK_ISSUERS FOREIGN_ISSUERS EXACT_RESOURCES
    USER_CLIENT_SECRETS
    BUDGET_REQUESTS_PER_HOUR BUDGET_GRANTS BUDGET_SLOW_CALLS
    MCP_GITHUB_GITHUB_CLIENT_ID MCP_GITHUB_GITHUB_CLIENT_SECRET_NAME
    MCP_TWITTER_TWITTER_CLIENT_ID MCP_TWITTER_TWITTER_CLIENT_SECRET_NAME
    MCP_NOTION_NOTION_CLIENT_ID MCP_NOTION_NOTION_CLIENT_SECRET_NAME MCP_CLIENTS PROVIDER_PROFILES FORBIDDEN_NETWORKS
    """.split()
)
# Settings of one function alone.
OWN_SETTINGS = {
    "authorizer": {"JWKS_URI", "JWT_ISSUER", "JWT_AUDIENCE"},
    "grant-events": {"EVENTS", "EVENT_BUS"},
    "webhook": {"WEBHOOK_URL", "WEBHOOK_SECRET_NAME", "WEBHOOK_QUEUE"},
}


def logical_id(function):
    return LOGICAL_IDS.get(function, "".join(word.capitalize() for word in function.split("-")))
