package social.avatarai.mcp.record;

import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;

/** What a user, or the operator, can do about the failure of a connection. Most failures only say what went wrong. */
final class Remedy {
  private static final String OWN_CLIENT = " Register a client there by hand, and put its client_id and issuer into the "
      + "record's authorization.config.";
  private static final String URL = " Check the record's endpoint.url; else try again later.";
  private static final String SERVERS_FAULT = " Check the record's endpoint.url; else the operator of the server must "
      + "correct this.";

  private Remedy() {}

  /** The failure's own text, and what to do. */
  static String of(Failure failure) {
    return failure.safeMessage() + remedy(failure.code());
  }

  /** The remedy after the failure's text. */
  private static String remedy(ErrorCode code) {
    return switch (code) {
      case SERVER_DISABLED -> " Set enabled to true in the record.";
      case UPSTREAM_UNREACHABLE, UPSTREAM_TIMEOUT, OUTCOME_UNKNOWN, UPSTREAM_ERROR, INVALID_UPSTREAM_ANSWER -> URL;
      case UPSTREAM_REFUSED -> " Check the path and the parameters of the record's endpoint.url.";
      case RESOURCE_METADATA_NOT_FOUND, INVALID_METADATA, RESOURCE_MISMATCH -> SERVERS_FAULT;
      case ISSUER_METADATA_NOT_FOUND ->
        " Check the issuer in the record's authorization.config; else the operator of the "
            + "authorization server must correct this.";
      case ISSUER_MISMATCH -> " Connect again only if you trust the server.";
      case CONTEXT_MISMATCH -> " Connect again; if this comes back, tell the operator of this deployment.";
      case ISSUER_NOT_BOUND -> " The operator of this deployment can bind it with the setting ISSUER_BINDINGS.";
      case PKCE_UNSUPPORTED -> " The operator of this deployment can vouch for it with the setting PKCE_EXCEPTIONS.";
      case RESOURCE_NOT_EXACT -> " The operator of this deployment can allow that with the setting EXACT_RESOURCES.";
      case BLOCKED_URL -> " The operator of this deployment decides which addresses are reachable.";
      case CLIENT_REQUIRED, REGISTRATION_REFUSED -> OWN_CLIENT;
      case REDIRECT_URI_REQUIRED -> " Then connect again.";
      case TOKEN_REQUEST_REFUSED -> " If this comes back, check the client in the record's authorization.config.";
      case AUDIENCE_MISMATCH -> " The token is not used. The operator of the authorization server must correct this.";
      case TOO_MANY_REQUESTS -> " The operator of this deployment sets the budgets (BUDGET_REQUESTS_PER_HOUR, "
          + "BUDGET_GRANTS, BUDGET_SLOW_CALLS).";
      case MISCONFIGURED, INTERNAL_ERROR -> " Try again; if this comes back, tell the operator of this deployment.";
      // Every text of these says already what to do: RemedyTest.
      case ACCOUNT_CHANGED, AUTHORIZATION_DENIED, CHANGED_MEANWHILE, CREDENTIALS_REFUSED, FOREIGN_ISSUER,
          ISSUER_CONFLICT,
          ISSUER_REQUIRED,
          SERVER_CHANGED, TOKEN_REJECTED_BY_RESOURCE, UNKNOWN_STATE, UNSUPPORTED_TRANSPORT ->
        "";
      // A connect or a consent of a record ends with none of these.
      case ACCESS_TOKEN_REJECTED, AMBIGUOUS_CONNECTION, AUTHORIZATION_REQUIRED, BODY_TOO_LARGE, FORBIDDEN,
          INSUFFICIENT_SCOPE, INVALID_GRANT, INVALID_REQUEST, INVALID_URL, NOT_FOUND, SERVER_CONFLICT, SESSION_MISMATCH,
          UNAUTHENTICATED, UNSUPPORTED_RECORD ->
        "";
    };
  }
}
