package social.avatarai.mcp.aws.dynamodb;

import static social.avatarai.mcp.aws.dynamodb.Values.bytes;
import static social.avatarai.mcp.aws.dynamodb.Values.flag;
import static social.avatarai.mcp.aws.dynamodb.Values.millis;
import static social.avatarai.mcp.aws.dynamodb.Values.millisOrNull;
import static social.avatarai.mcp.aws.dynamodb.Values.seconds;
import static social.avatarai.mcp.aws.dynamodb.Values.text;
import static social.avatarai.mcp.aws.dynamodb.Values.textOrNull;
import static social.avatarai.mcp.aws.dynamodb.Values.texts;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.CodeVerifier;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.Context;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.RedirectUri;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.SessionKey;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.authorization.AuthorizationSession;
import social.avatarai.mcp.authorization.AuthorizationSession.Binding;
import social.avatarai.mcp.authorization.AuthorizationSession.Request;
import social.avatarai.mcp.authorization.AuthorizationSession.Status;
import social.avatarai.mcp.authorization.SessionOutcome;
import social.avatarai.mcp.store.TokenCipher;
import social.avatarai.mcp.store.TokenCipher.Place;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.GrantId;
import social.avatarai.mcp.token.GrantKey;
import social.avatarai.mcp.token.Replaceable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** An authorization session as an item. */
final class SessionItem {
  static final String TABLE = "sessions";
  /** Cleaned away an hour after its end, so that clocks that differ a little never clean too early. */
  static final Duration CLEANED_AFTER = Duration.ofHours(1);
  /** What a session that is over has in place of its verifier, which is forgotten and will not be asked for. */
  private static final CodeVerifier FORGOTTEN = new CodeVerifier("forgotten");

  private final TokenCipher cipher;

  SessionItem(TokenCipher cipher) {
    this.cipher = cipher;
  }

  Map<String, AttributeValue> of(AuthorizationSession session) {
    var request = session.request();
    var binding = session.binding();
    return Values.of(session.key().value()).with(TargetItem.of(session.target())).with(TargetItem.of(session.client()))
        .with("user", text(session.connection().user().value()))
        .with("connection", text(session.connection().connection().value()))
        .with("redirectUri", text(request.redirectUri().value())).with("context", textOrNull(request.context()))
        .with("verifier", bytes(cipher.seal(request.verifier().reveal(), verifierPlace(session.key(),
            session.connection(), session.target().issuer().value()))))
        .with("scope", text(request.scope().toString()))
        .with("offlineAccessAdded", flag(request.offlineAccessAdded()))
        .with("issExpected", flag(request.issExpected())).with("browserHash", text(binding.browserHash()))
        .with("returnTo", textOrNull(binding.returnTo())).with("warnings", texts(session.warnings()))
        .with(replaceable(session.replaceable()))
        .with("expiresAtMillis", millis(session.expiresAt())).with("status", text(session.status().name()))
        .with(Tables.TTL, ttl(session.expiresAt())).toMap();
  }

  /** Nothing where only a grant of the same issuer may be replaced. */
  private static Map<String, AttributeValue> replaceable(Replaceable replaceable) {
    return switch (replaceable) {
      case Replaceable.SameIssuer _ -> Map.of();
      case Replaceable.MigratedGrant(var grant) -> Map.of("replacesGrant", text(grant.value()));
      case Replaceable.AnyIssuer _ -> Map.of("replacesAny", flag(true));
    };
  }

  private static Replaceable replaceable(Row row) {
    if (row.has("replacesAny") && row.flag("replacesAny")) return new Replaceable.AnyIssuer();
    String grant = row.textOrNull("replacesGrant");
    return grant == null ? new Replaceable.SameIssuer() : new Replaceable.MigratedGrant(new GrantId(grant));
  }

  /** Ends a session: with its outcome instead of its verifier. */
  static Change finishing(Condition condition, SessionOutcome outcome, Instant readableUntil) {
    Status end = outcome.error() == null ? Status.DONE : Status.FAILED;
    return Change.when(condition).set("status", text(end.name())).set("verifier", null)
        .set("outcomeError", textOrNull(outcome.error())).set("outcomeScope", text(outcome.scope().toString()))
        .set("outcomeExpiresAtMillis", millisOrNull(outcome.expiresAt()))
        .set("expiresAtMillis", millis(readableUntil)).set(Tables.TTL, ttl(readableUntil));
  }

  AuthorizationSession session(Map<String, AttributeValue> item) {
    return Row.map(TABLE, item, this::session);
  }

  private AuthorizationSession session(Row row) {
    var key = new SessionKey(row.text(Tables.PARTITION));
    var connection = new GrantKey(new UserId(row.text("user")), new ConnectionId(row.text("connection")));
    var binding = new Binding(row.text("browserHash"), row.textOrNull("returnTo"));
    return new AuthorizationSession(key, connection, TargetItem.target(row), TargetItem.client(row),
        request(row, key, connection), binding, row.words("warnings", Grant.Warning.class),
        replaceable(row), row.instant("expiresAtMillis"), row.word("status", Status.class), outcome(row));
  }

  private Request request(Row row, SessionKey key, GrantKey connection) {
    byte[] sealed = row.bytesOrNull("verifier");
    String context = row.textOrNull("context");
    var verifier = sealed == null
        ? FORGOTTEN
        : new CodeVerifier(cipher.open(sealed, verifierPlace(key, connection, row.text("issuer"))));
    return new Request(new RedirectUri(row.text("redirectUri")), context == null ? null : new Context(context),
        verifier, Scopes.parse(row.text("scope")), row.flag("offlineAccessAdded"), row.flag("issExpected"));
  }

  private static @Nullable SessionOutcome outcome(Row row) {
    if (!row.has("outcomeScope")) return null;
    var error = row.has("outcomeError") ? row.word("outcomeError", ErrorCode.class) : null;
    return new SessionOutcome(error, Scopes.parse(row.text("outcomeScope")),
        row.instantOrNull("outcomeExpiresAtMillis"));
  }

  private static Place verifierPlace(SessionKey key, GrantKey connection, String issuer) {
    return Place.of(TABLE, connection.user().value(), connection.connection().value(), key.value(), issuer, "verifier");
  }

  static AttributeValue ttl(Instant expiresAt) {
    return seconds(expiresAt.plus(CLEANED_AFTER));
  }
}
