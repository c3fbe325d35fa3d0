package social.avatarai.mcp.aws.dynamodb;

import static social.avatarai.mcp.aws.dynamodb.Values.bytes;
import static social.avatarai.mcp.aws.dynamodb.Values.flag;
import static social.avatarai.mcp.aws.dynamodb.Values.millis;
import static social.avatarai.mcp.aws.dynamodb.Values.millisOrNull;
import static social.avatarai.mcp.aws.dynamodb.Values.number;
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
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.IssuerContext;
import social.avatarai.mcp.RedirectUri;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.SessionKey;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.authorization.AuthorizationSession;
import social.avatarai.mcp.authorization.AuthorizationSession.Binding;
import social.avatarai.mcp.authorization.AuthorizationSession.Request;
import social.avatarai.mcp.authorization.AuthorizationSession.Status;
import social.avatarai.mcp.authorization.SessionOutcome;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.GrantId;
import social.avatarai.mcp.token.Replaceable;
import social.avatarai.mcp.vault.Destination;
import social.avatarai.mcp.vault.TokenCipher;
import social.avatarai.mcp.vault.TokenCipher.Place;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** An authorization session as an item. */
final class SessionItem {
  static final String TABLE = "sessions";
  /** DynamoDB cleans a session up an hour after its end, so that clocks that differ a little never do it too early. */
  static final Duration CLEANED_AFTER = Duration.ofHours(1);
  private static final String VERIFIER = "verifier";
  private static final String LIMITED = "limited";
  /** Where the access token of the code goes once; absent in most rows. */
  private static final String USERINFO = "userinfo";
  /** The other issuer that the metadata names; absent in most rows, and in those of earlier releases. */
  private static final String RENAMED = "renamedIssuer";
  /** The attribute that a finished session has sealed in place of its verifier: an empty text. */
  private static final String OVER = "sealed";
  /** Stands for a verifier that has not been opened yet, or that was deleted because the session is over. */
  private static final CodeVerifier NONE = new CodeVerifier("none");

  private final TokenCipher cipher;

  SessionItem(TokenCipher cipher) {
    this.cipher = cipher;
  }

  Map<String, AttributeValue> of(AuthorizationSession session) {
    var request = session.request();
    return Values.of(session.key().value()).with(deciding(session))
        .with(VERIFIER, seal(session, VERIFIER, request.verifier().reveal()))
        .with(ServerQuery.SEALED, query(session))
        .with("scope", text(request.scope().toString()))
        .with("offlineAccessAdded", flag(request.offlineAccessAdded())).with("warnings", texts(session.warnings()))
        .with("expiresAtMillis", millis(session.expiresAt())).with("status", text(session.status().name()))
        .with(LIMITED, session.limited() ? flag(true) : null).with(Tables.TTL, ttl(session.expiresAt())).toMap();
  }

  /** What may be replaced; no attribute if only a grant of the same issuer may be replaced. */
  private static Map<String, AttributeValue> replaceable(Replaceable replaceable) {
    return switch (replaceable) {
      case Replaceable.SameIssuer _ -> Map.of();
      case Replaceable.MigratedGrant(var grant) -> Map.of("replacesGrant", text(grant.value()));
      case Replaceable.AnyIssuer _ -> Map.of("replacesAny", flag(true));
      case Replaceable.DecidedAccount _ -> throw new IllegalArgumentException("no flow begins with a decision");
    };
  }

  private static Replaceable replaceable(ItemReader row) {
    if (row.has("replacesAny") && row.flag("replacesAny")) return new Replaceable.AnyIssuer();
    String grant = row.textOrNull("replacesGrant");
    return grant == null ? new Replaceable.SameIssuer() : new Replaceable.MigratedGrant(new GrantId(grant));
  }

  /**
   * Everything that decides where the code, the verifier, the client secret, the completion code and the browser go,
   * and what may be replaced.
   */
  private static Map<String, AttributeValue> deciding(AuthorizationSession session) {
    var request = session.request();
    var binding = session.binding();
    return Values.none().with(TargetItem.of(session.target())).with(TargetItem.of(session.client()))
        .with("user", text(session.connection().user().value()))
        .with("connection", text(session.connection().connection().value()))
        .with("redirectUri", text(request.redirectUri().value())).with("context", textOrNull(request.context()))
        .with("issExpected", flag(request.issExpected())).with("browserHash", text(binding.browserHash()))
        .with("returnTo", textOrNull(binding.returnTo())).with(replaceable(session.replaceable()))
        .with(USERINFO, textOrNull(session.userinfo())).with(RENAMED, textOrNull(request.renamed())).toMap();
  }

  static Destination destination(AuthorizationSession session) {
    return Destinations.of(deciding(session));
  }

  private @Nullable AttributeValue query(AuthorizationSession session) {
    String query = session.target().serverUrl().queryPart();
    return query.isEmpty() ? null : seal(session, ServerQuery.SEALED, query);
  }

  private AttributeValue seal(AuthorizationSession session, String attribute, String text) {
    return bytes(cipher.seal(text, place(session, attribute), destination(session)));
  }

  /**
   * Ends a session: stores the outcome and removes the verifier and the query of the server's URL. The row still says
   * where the browser goes.
   */
  ItemUpdate finishing(Condition condition, AuthorizationSession session, SessionOutcome outcome,
      Instant readableUntil) {
    Status end = outcome.error() == null ? Status.DONE : Status.FAILED;
    return ItemUpdate.when(condition).set("status", text(end.name())).set(VERIFIER, null)
        .set("serverUrl", text(session.target().serverUrl().withoutQuery().value())).set(ServerQuery.SEALED, null)
        .set(OVER, seal(session, OVER, ""))
        .set("outcomeError", textOrNull(outcome.error()))
        .set("outcomeUpstreamStatus", outcome.upstreamStatus() == null ? null : number(outcome.upstreamStatus()))
        .set("outcomeScope", text(outcome.scope().toString()))
        .set("outcomeExpiresAtMillis", millisOrNull(outcome.expiresAt()))
        .set("expiresAtMillis", millis(readableUntil)).set(Tables.TTL, ttl(readableUntil));
  }

  AuthorizationSession session(Map<String, AttributeValue> item) {
    return ItemReader.map(TABLE, item, this::session);
  }

  private AuthorizationSession session(ItemReader row) {
    var key = new SessionKey(row.text(Tables.PARTITION));
    var connection = new ConnectionKey(new UserId(row.text("user")), new ConnectionId(row.text("connection")));
    var binding = new Binding(row.text("browserHash"), row.textOrNull("returnTo"));
    var unopened = new AuthorizationSession(key, connection, TargetItem.target(row), TargetItem.client(row),
        request(row), binding, row.words("warnings", Grant.Warning.class), replaceable(row),
        row.instant("expiresAtMillis"), row.word("status", Status.class), outcome(row),
        row.has(LIMITED) && row.flag(LIMITED), userinfo(row));
    if (unopened.status().isOver() != (unopened.outcome() != null)) {
      throw new IllegalArgumentException("attribute outcomeScope does not fit the status");
    }
    var destination = destination(row, unopened);
    var session = unopened.with(verifier(row, unopened, destination));
    byte[] query = row.bytesOrNull(ServerQuery.SEALED);
    return query == null
        ? session
        : session.servedAt(ServerQuery.url(session.target().serverUrl(),
            cipher.open(query, place(session, ServerQuery.SEALED), destination)));
  }

  /** The destination by the row. A row of an earlier release was sealed with the query of the server's URL. */
  private static Destination destination(ItemReader row, AuthorizationSession session) {
    return Destinations
        .of(Values.none().with(deciding(session)).with("serverUrl", text(row.text("serverUrl"))).toMap());
  }

  private static @Nullable EndpointUrl userinfo(ItemReader row) {
    String url = row.textOrNull(USERINFO);
    return url == null ? null : new EndpointUrl(url);
  }

  private static Request request(ItemReader row) {
    String context = row.textOrNull("context");
    String renamed = row.textOrNull(RENAMED);
    return new Request(new RedirectUri(row.text("redirectUri")), context == null ? null : new IssuerContext(context),
        NONE,
        Scopes.parse(row.text("scope")), row.flag("offlineAccessAdded"), row.flag("issExpected"),
        renamed == null ? null : new Issuer(renamed));
  }

  private CodeVerifier verifier(ItemReader row, AuthorizationSession session, Destination destination) {
    String attribute = session.status().isOver() ? OVER : VERIFIER;
    String opened = cipher.open(row.bytes(attribute), place(session, attribute), destination);
    return session.status().isOver() ? NONE : new CodeVerifier(opened);
  }

  private static @Nullable SessionOutcome outcome(ItemReader row) {
    if (!row.has("outcomeScope")) return null;
    var error = row.has("outcomeError") ? row.word("outcomeError", ErrorCode.class) : null;
    var upstreamStatus = row.has("outcomeUpstreamStatus") ? row.count("outcomeUpstreamStatus") : null;
    return new SessionOutcome(error, upstreamStatus, Scopes.parse(row.text("outcomeScope")),
        row.instantOrNull("outcomeExpiresAtMillis"));
  }

  private static Place place(AuthorizationSession session, String attribute) {
    return Place.of(TABLE, session.connection().user().value(), session.connection().connection().value(),
        session.key().value(), session.target().issuer().value(), attribute);
  }

  static AttributeValue ttl(Instant expiresAt) {
    return seconds(expiresAt.plus(CLEANED_AFTER));
  }
}
