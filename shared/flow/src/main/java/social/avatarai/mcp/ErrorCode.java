package social.avatarai.mcp;

import java.util.Locale;

/** Every error our API answers with: a stable word each. Their HTTP statuses are in one place, shared/lambda. */
public enum ErrorCode {
  /** A parameter or body is missing, empty, repeated, too long or malformed. */
  INVALID_REQUEST,
  /** A parameter should be an https URL without user information and fragment, and is not. */
  INVALID_URL,
  /** The URL leads to an address that we do not connect to. */
  BLOCKED_URL,
  /** The body is over its limit. */
  BODY_TOO_LARGE,
  /** No verified caller. */
  UNAUTHENTICATED,
  /** The caller may not do this. */
  FORBIDDEN,
  /** The flow was begun by another user or in another browser. */
  SESSION_MISMATCH,
  /** No session has this state (or completion code): never begun, not finished in time, or forgotten by now. */
  UNKNOWN_STATE,
  /** The answer came in at the redirect URI of another issuer. */
  CONTEXT_MISMATCH,
  /** The authorization server said that the user, or it, refused. */
  AUTHORIZATION_DENIED,
  /** Nothing is there under this name. */
  NOT_FOUND,
  /** Two connections fit this URL: name one by server_id. */
  AMBIGUOUS_CONNECTION,
  /** The server is switched off in its record. */
  SERVER_DISABLED,
  /** The server was moved or deleted, or got another issuer or client, while its user consented. */
  SERVER_CHANGED,
  /** Neither the resource's metadata, nor the operator, nor a profile names this issuer. */
  ISSUER_NOT_BOUND,
  /** The connection has a grant of another issuer: disconnect it first, or start with {@code replace}. */
  ISSUER_CONFLICT,
  /** The resource's connection has a grant that was given at another URL of the resource: disconnect it first. */
  SERVER_CONFLICT,
  /** The issuer of a registration endpoint, or of a server record's client, could not be told: name it. */
  ISSUER_REQUIRED,
  /** The server speaks, or its record names, a transport that is not offered here. */
  UNSUPPORTED_TRANSPORT,
  /** A server record asks for something that is not offered here. */
  UNSUPPORTED_RECORD,
  /** The authorization server takes no registrations: a pre-registered client is needed. */
  CLIENT_REQUIRED,
  /** The client has not registered the redirect URI that is needed here. */
  REDIRECT_URI_REQUIRED,
  /** Too many flows begun by this user. */
  TOO_MANY_REQUESTS,
  /** Consent is needed. */
  AUTHORIZATION_REQUIRED,
  /** Consent to more scope is needed. */
  INSUFFICIENT_SCOPE,
  /** The refresh token is unknown, spent or revoked. */
  INVALID_GRANT,
  /** The server publishes no protected resource metadata and is no legacy server. */
  RESOURCE_METADATA_NOT_FOUND,
  /** The authorization server publishes no metadata. */
  ISSUER_METADATA_NOT_FOUND,
  /** Metadata that breaks a rule. */
  INVALID_METADATA,
  /** The metadata names another resource. */
  RESOURCE_MISMATCH,
  /** The metadata or the answer names another issuer. */
  ISSUER_MISMATCH,
  /** The authorization server does not say that it supports PKCE with S256. */
  PKCE_UNSUPPORTED,
  /** The authorization server refused to register us. */
  REGISTRATION_REFUSED,
  /** The authorization server refused the code. */
  TOKEN_REQUEST_REFUSED,
  /** The access token is meant for another resource. */
  AUDIENCE_MISMATCH,
  /** An answer that is not what the protocol demands. */
  INVALID_UPSTREAM_ANSWER,
  /** The MCP server answered the request with an error of its own. */
  UPSTREAM_ERROR,
  /** The MCP server refused the request, with a status that asks for no authorization. */
  UPSTREAM_REFUSED,
  /** The server refuses the access token that the caller gave. */
  ACCESS_TOKEN_REJECTED,
  /** The server refuses a token that its own authorization server keeps renewing. */
  TOKEN_REJECTED_BY_RESOURCE,
  /** No connection, or a server error. */
  UPSTREAM_UNREACHABLE,
  /** No answer in time. */
  UPSTREAM_TIMEOUT,
  /** No answer to a request that may have been carried out: it is not sent again. */
  OUTCOME_UNKNOWN,
  /** The deployment is not configured for this. */
  MISCONFIGURED,
  /** Our own fault. */
  INTERNAL_ERROR;

  /** The word on the wire. */
  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }
}
