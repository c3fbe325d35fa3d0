"""What the template is held against: the routes, who may call them, what each function may touch, its settings."""

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
    "servers": [
        "GET /api/mcp/servers",
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
    "authorizer": [],
}

PUBLIC = {*ROUTES["callback"], *ROUTES["client-metadata"]}

# In the template's one name space the parameter Authorizer stands where the function's logical id would.
LOGICAL_IDS = {"authorizer": "AuthorizerFunction"}

# Function folder -> resource -> actions. DynamoDB resources are the tables' logical ids, with an index behind a slash, secrets
# what follows the stack's name in theirs; KeyRing and SecretsKey are logical ids.
_OPEN = {
    "KeyRing": "secretsmanager: GetSecretValue",
    "client/*": "secretsmanager: GetSecretValue",
    "SecretsKey": "kms: Decrypt",
}
_REGISTER = {
    "client/*": "secretsmanager: CreateSecret GetSecretValue PutSecretValue",
    "SecretsKey": "kms: Decrypt GenerateDataKey",
}
_FORGET = {
    "RegistrationsTable": "dynamodb: GetItem Query UpdateItem DeleteItem",
    "KeyRing": "secretsmanager: GetSecretValue",
    "client/*": "secretsmanager: GetSecretValue PutSecretValue DeleteSecret",
    "SecretsKey": "kms: Decrypt GenerateDataKey",
}
RIGHTS = {
    "discover-resource": {},
    "discover-auth-server": {},
    "redirect-uri": {},
    "register-client": {
        "RegistrationsTable": "dynamodb: UpdateItem DeleteItem PutItem Query",
        "ServersTable": "dynamodb: UpdateItem",
        "KeyRing": "secretsmanager: GetSecretValue",
        **_REGISTER,
    },
    "start-authorization": {
        "SessionsTable": "dynamodb: PutItem",
        "TokensTable": "dynamodb: GetItem",
        "RegistrationsTable": "dynamodb: BatchGetItem Query UpdateItem DeleteItem PutItem",
        "ServersTable": "dynamodb: UpdateItem",
        "KeyRing": "secretsmanager: GetSecretValue",
        **_REGISTER,
    },
    "callback": {
        "SessionsTable": "dynamodb: GetItem UpdateItem PutItem",
        "TokensTable": "dynamodb: GetItem Query PutItem UpdateItem DeleteItem",
        "DueTable": "dynamodb: PutItem",
        "ServersTable": "dynamodb: GetItem UpdateItem",
        "RegistrationsTable": "dynamodb: GetItem PutItem Query DeleteItem",
        **_OPEN,
    },
    "complete": {
        "SessionsTable": "dynamodb: BatchGetItem GetItem UpdateItem DeleteItem",
        "TokensTable": "dynamodb: GetItem Query PutItem UpdateItem DeleteItem",
        "DueTable": "dynamodb: PutItem",
        "ServersTable": "dynamodb: GetItem UpdateItem",
        "RegistrationsTable": "dynamodb: GetItem PutItem Query DeleteItem",
        **_OPEN,
    },
    "refresh-token": {
        "TokensTable": "dynamodb: GetItem Query UpdateItem PutItem DeleteItem",
        "DueTable": "dynamodb: PutItem",
        "RegistrationsTable": "dynamodb: GetItem Query DeleteItem",
        **_OPEN,
    },
    "access-resource": {
        "SessionsTable": "dynamodb: PutItem",
        "TokensTable": "dynamodb: GetItem BatchGetItem Query UpdateItem PutItem DeleteItem",
        "TokensTable/index/byResource": "dynamodb: Query",
        "DueTable": "dynamodb: PutItem",
        "RegistrationsTable": "dynamodb: GetItem BatchGetItem UpdateItem DeleteItem PutItem Query",
        "ServersTable": "dynamodb: GetItem UpdateItem",
        "KeyRing": "secretsmanager: GetSecretValue",
        **_REGISTER,
    },
    "servers": {
        "TokensTable": "dynamodb: GetItem BatchGetItem Query PutItem UpdateItem DeleteItem",
        "DueTable": "dynamodb: PutItem",
        "RegistrationsTable": "dynamodb: GetItem Query PutItem UpdateItem DeleteItem",
        "ServersTable": "dynamodb: GetItem Query PutItem UpdateItem DeleteItem",
        "KeyRing": "secretsmanager: GetSecretValue",
        **_REGISTER,
        "client/*": "secretsmanager: CreateSecret GetSecretValue PutSecretValue DeleteSecret",
    },
    "connections": {
        "ServersTable": "dynamodb: GetItem Query",
        "TokensTable": "dynamodb: BatchGetItem Query",
    },
    "connect": {
        "SessionsTable": "dynamodb: PutItem",
        "TokensTable": "dynamodb: GetItem Query UpdateItem PutItem DeleteItem",
        "DueTable": "dynamodb: PutItem",
        "RegistrationsTable": "dynamodb: GetItem BatchGetItem UpdateItem DeleteItem PutItem Query",
        "ServersTable": "dynamodb: GetItem UpdateItem",
        "KeyRing": "secretsmanager: GetSecretValue",
        **_REGISTER,
    },
    "disconnect": {
        "TokensTable": "dynamodb: GetItem Query PutItem DeleteItem",
        "ServersTable": "dynamodb: GetItem Query UpdateItem",
        **_FORGET,
    },
    "forget-user": {
        "TokensTable": "dynamodb: GetItem Query PutItem DeleteItem",
        "ServersTable": "dynamodb: Query UpdateItem DeleteItem",
        **_FORGET,
    },
    "client-metadata": {
        "signing-key*": "secretsmanager: CreateSecret GetSecretValue",
        "SecretsKey": "kms: Decrypt GenerateDataKey",
    },
    "scheduled-refresh": {
        "TokensTable": "dynamodb: GetItem Query UpdateItem PutItem DeleteItem",
        "DueTable": "dynamodb: GetItem Query PutItem UpdateItem",
        "RegistrationsTable": "dynamodb: GetItem Query DeleteItem",
        **_OPEN,
    },
    "reencrypt": {
        "TokensTable": "dynamodb: Scan UpdateItem",
        "ServersTable": "dynamodb: Scan UpdateItem",
        "RegistrationsTable": "dynamodb: Scan UpdateItem",
        "KeyRing": "secretsmanager: GetSecretValue",
        "SecretsKey": "kms: Decrypt",
    },
    "authorizer": {},
}

SETTINGS = set(
    """
    SESSIONS_TABLE TOKENS_TABLE DUE_TABLE REGISTRATIONS_TABLE SERVERS_TABLE
    KEY_RING_SECRET CLIENT_SECRET_PREFIX SIGNING_KEY_SECRET
    PUBLIC_BASE_URL TOKEN_RESPONSES RETURN_TO_ALLOWLIST CORS_ORIGINS CLIENT_METADATA_URL CLIENT_NAME
    USER_CLAIM REQUIRED_SCOPE ISSUER_BINDINGS PKCE_EXCEPTIONS PLAIN_CALLBACK_ISSUERS USER_CLIENT_SECRETS
    MCP_GITHUB_GITHUB_CLIENT_ID MCP_GITHUB_GITHUB_CLIENT_SECRET
    """.split()
)
AUTHORIZER_SETTINGS = {"JWKS_URI", "JWT_ISSUER", "JWT_AUDIENCE"}


def rights_of(function):
    """The rights of a function as a set of (resource, action)."""
    rights = set()
    for resource, listed in RIGHTS[function].items():
        service, names = listed.split(": ")
        rights.update((resource, f"{service}:{name}") for name in names.split())
    return rights


def logical_id(function):
    return LOGICAL_IDS.get(function, "".join(word.capitalize() for word in function.split("-")))
