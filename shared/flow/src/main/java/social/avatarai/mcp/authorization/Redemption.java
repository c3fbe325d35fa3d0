package social.avatarai.mcp.authorization;

import java.time.Clock;
import java.util.EnumSet;
import java.util.Set;
import social.avatarai.mcp.AuthorizationCode;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.registration.ClientIdentity;
import social.avatarai.mcp.registration.CredentialSource;
import social.avatarai.mcp.registration.Registrations;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.Grant.Warning;
import social.avatarai.mcp.token.TokenEndpoint;
import social.avatarai.mcp.token.TokenResponse;
import social.avatarai.mcp.token.Tokens;
import social.avatarai.mcp.token.UserinfoEndpoint;
import social.avatarai.mcp.token.WidenedScope;

/** Redeems a code with one token request, and keeps the grant. */
public final class Redemption {
  private final TokenEndpoint endpoint;
  private final CredentialSource credentials;
  private final UserinfoEndpoint userinfo;
  private final GrantKeeper keeper;
  private final Registrations registrations;
  private final Clock clock;

  public Redemption(TokenEndpoint endpoint, CredentialSource credentials, UserinfoEndpoint userinfo,
      GrantKeeper keeper, Registrations registrations, Clock clock) {
    this.endpoint = endpoint;
    this.credentials = credentials;
    this.userinfo = userinfo;
    this.keeper = keeper;
    this.registrations = registrations;
    this.clock = clock;
  }

  /** Redeems the code of a claimed session. The code is never sent a second time, whatever the response. */
  Grant redeem(AuthorizationSession session, AuthorizationCode code, Deadline deadline) {
    var client = credentials.of(session.client(), session.target().registeredAt());
    return switch (endpoint.redeem(session.exchange(), code, client, deadline)) {
      case TokenResponse.Granted(var tokens) -> {
        var given = grant(session,
            userinfo.named(tokens, session.target(), session.client(), session.userinfo(), deadline));
        if (session.limited()) keeper.requireRoom(given, deadline);
        yield keeper.keep(given, session.replaceable(), deadline);
      }
      case TokenResponse.Misdirected _ -> throw new Failure.ProtocolBroken(ErrorCode.AUDIENCE_MISMATCH,
          "The access token is for another resource.", "");
      case TokenResponse.Refused refused -> throw noteRefusal(session, refused);
      case TokenResponse.TryAgain(_, var status) -> throw new Failure.Unreachable(ErrorCode.UPSTREAM_UNREACHABLE,
          "The authorization server cannot redeem the code now; begin again.", "", false).withUpstreamStatus(status);
      case TokenResponse.Unknown unknown -> throw new Failure.Unreachable(ErrorCode.UPSTREAM_UNREACHABLE,
          unknown.explaining("The authorization server did not return tokens for the code; begin again."),
          unknown.detail(), true).withUpstreamStatus(unknown.status());
    };
  }

  private Grant grant(AuthorizationSession session, Tokens tokens) {
    return Grant.first(session.connection(), session.target(), session.client(), tokens, warnings(session, tokens),
        clock.instant());
  }

  private static Set<Warning> warnings(AuthorizationSession session, Tokens tokens) {
    var warnings = EnumSet.noneOf(Warning.class);
    warnings.addAll(session.warnings());
    // RFC 6749 §5.1 allows it and the issuer showed the consent page, so these scopes are granted. The user was shown
    // fewer when the flow began.
    if (!WidenedScope.beyond(session.request().scope(), tokens.scope()).isEmpty())
      warnings.add(Warning.SCOPE_WIDENED);
    return warnings;
  }

  private Failure noteRefusal(AuthorizationSession session, TokenResponse.Refused refused) {
    var client = session.client();
    // The issuer has forgotten the client that we registered. The next flow registers a new one.
    if (refused.isUnknownClient() && client.origin() == ClientIdentity.Origin.DYNAMIC) {
      registrations.forgetOwn(client.owner(), session.target().registeredAt(), client.id());
    }
    if (refused.isInvalidScope()) {
      RefusedScopes.note(session, registrations);
    } else if (session.request().offlineAccessAdded() && !refused.isDeadGrant() && !refused.isUnknownClient()) {
      registrations.noteOfflineAccessRefused(session.connection().user(), session.connection().connection(),
          session.target().registeredAt());
    }
    return new Failure.Refused(ErrorCode.TOKEN_REQUEST_REFUSED,
        "The authorization server refused the code; begin again.",
        refused.described()).withUpstreamStatus(refused.status());
  }
}
