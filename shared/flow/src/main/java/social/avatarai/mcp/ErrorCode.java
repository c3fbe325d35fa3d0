package social.avatarai.mcp;

import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** Every error code of our API. The codes are stable. Their HTTP statuses are in one place, shared/lambda. */
public enum ErrorCode {
  /** A parameter or body is missing, empty, repeated, too long or malformed. */
  INVALID_REQUEST,
  /** A parameter must be an https URL without user information and fragment, but is not. */
  INVALID_URL,
  /** We do not connect to this URL, by its form or its literal address. */
  BLOCKED_URL,
  /** What the caller has read of a record was changed or deleted meanwhile, so nothing was written. */
  CHANGED_MEANWHILE,
  /** The body is over its limit. */
  BODY_TOO_LARGE,
  /** There is no verified caller. */
  UNAUTHENTICATED,
  /** The caller may not do this. */
  FORBIDDEN,
  /** Another user or another browser started the authorization. */
  SESSION_MISMATCH,
  /** No session has this state (or completion code). The session was never started, has expired, or was deleted. */
  UNKNOWN_STATE,
  /** The authorization response arrived at the redirect URI of another issuer. */
  CONTEXT_MISMATCH,
  /** The authorization server reported that the user or the server refused. */
  AUTHORIZATION_DENIED,
  /** Nothing exists under this name. */
  NOT_FOUND,
  /** Two connections match this URL. The caller must choose one by server_id. */
  AMBIGUOUS_CONNECTION,
  /** The server is switched off in its record. */
  SERVER_DISABLED,
  /** The server was moved or deleted, or received another issuer or client, while its user consented. */
  SERVER_CHANGED,
  /** Neither the resource's metadata, the operator nor a profile names this issuer. */
  ISSUER_NOT_BOUND,
  /** Only the server's word ties an issuer of another site to it, or the issuer's endpoints are on another site. */
  FOREIGN_ISSUER,
  /** The metadata's resource is a mere parent of the server's URL, and the operator wants exact resources. */
  RESOURCE_NOT_EXACT,
  /** The connection has a grant of another issuer. The caller must disconnect first, or start with {@code replace}. */
  ISSUER_CONFLICT,
  /** The consent came back as another account than that of the connection. It waits for the user's decision. */
  ACCOUNT_CHANGED,
  /** The resource's connection has a grant from another URL of the resource. The caller must disconnect first. */
  SERVER_CONFLICT,
  /**
   * The issuer of a registration endpoint, or of a server record's client, is unknown. The caller must name the issuer.
   */
  ISSUER_REQUIRED,
  /** The record of a server, or its URL, names a transport that is not supported here. */
  UNSUPPORTED_TRANSPORT,
  /** A server record asks for a feature that is not supported here. */
  UNSUPPORTED_RECORD,
  /** The authorization server accepts no registrations, so a pre-registered client is needed. */
  CLIENT_REQUIRED,
  /** The client has not registered the redirect URI that this flow needs. */
  REDIRECT_URI_REQUIRED,
  /** A budget of this user is used up: calls of this hour, grants, or calls that wait for servers. */
  TOO_MANY_REQUESTS,
  /** The user must consent. */
  AUTHORIZATION_REQUIRED,
  /** The user must consent to more scopes. */
  INSUFFICIENT_SCOPE,
  /** The refresh token is unknown, used or revoked. */
  INVALID_GRANT,
  /** The server publishes no protected resource metadata and is not a legacy server. */
  RESOURCE_METADATA_NOT_FOUND,
  /** The authorization server publishes no metadata. */
  ISSUER_METADATA_NOT_FOUND,
  /** The metadata breaks a rule. */
  INVALID_METADATA,
  /** The metadata names another resource. */
  RESOURCE_MISMATCH,
  /** The metadata or the authorization response names another issuer. */
  ISSUER_MISMATCH,
  /** The authorization server does not declare support for PKCE with S256. */
  PKCE_UNSUPPORTED,
  /** The authorization server refused to register us. */
  REGISTRATION_REFUSED,
  /** The authorization server refused the code. */
  TOKEN_REQUEST_REFUSED,
  /** The access token is meant for another resource. */
  AUDIENCE_MISMATCH,
  /** The response breaks the protocol. */
  INVALID_UPSTREAM_ANSWER,
  /** The MCP server responded with an error of its own. */
  UPSTREAM_ERROR,
  /** The MCP server refused the request with a status that does not ask for authorization. */
  UPSTREAM_REFUSED,
  /** The server refuses the access token that the caller supplied. */
  ACCESS_TOKEN_REJECTED,
  /** The server refuses the credentials that its user has entered in its record. */
  CREDENTIALS_REFUSED,
  /** The server refuses a token although its own authorization server renews it. */
  TOKEN_REJECTED_BY_RESOURCE,
  /**
   * The connection failed, the name has no address to which we connect, or the server returned a server error. A name
   * with a forbidden address gets the response of an absent one.
   */
  UPSTREAM_UNREACHABLE,
  /** No response arrived in time. */
  UPSTREAM_TIMEOUT,
  /** No response arrived, but the server may have carried out the request, so we do not send it again. */
  OUTCOME_UNKNOWN,
  /** The deployment is not configured for this. */
  MISCONFIGURED,
  /** The error is our own fault. */
  INTERNAL_ERROR;

  private static final Set<String> WIRE_NAMES = Arrays.stream(values()).map(ErrorCode::wireName)
      .collect(Collectors.toUnmodifiableSet());

  /** Whether this is the word of one of these errors. */
  static boolean isWireName(String word) {
    return WIRE_NAMES.contains(word);
  }

  /** The word on the wire. */
  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
