package social.avatarai.mcp.lambda;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.Grant.Warning;
import social.avatarai.mcp.token.Tokens;

/**
 * Tokens in a response of our API: the guide's token response, or with {@code TOKEN_RESPONSES=reference} a description
 * without any token.
 */
public final class TokenBody {
  private static final Set<String> TOKENS = Set.of("access_token", "refresh_token");

  private final boolean full;
  private final Clock clock;

  TokenBody(boolean full, Clock clock) {
    this.full = full;
    this.clock = clock;
  }

  /** A stored grant, in the form that the deployment has chosen. */
  public Reply reply(Grant grant) {
    var body = full ? guide(grant.tokens()) : description(grant.tokens().scope(), grant.tokens().expiresAt());
    body.put("server_id", grant.key().connection().value());
    return Reply.handingOver(FlowBody.addWarnings(body, Warning.of(grant.warnings(), grant.client())), TOKENS);
  }

  /** Tokens that are not stored. The response is their only way to the caller. */
  public Reply reply(Tokens tokens) {
    return Reply.handingOver(guide(tokens), TOKENS);
  }

  /** A connection without its tokens. */
  public ObjectNode reference(ConnectionId connection, Scopes scope, @Nullable Instant expiresAt) {
    return description(scope, expiresAt).put("status", "connected").put("server_id", connection.value());
  }

  /** Whether responses may hold raw tokens and requests may send them. */
  public boolean isFull() { return full; }

  private ObjectNode guide(Tokens tokens) {
    var body = Json.newObject();
    body.put("access_token", tokens.accessToken().reveal());
    body.put("token_type", "Bearer");
    Optional.ofNullable(tokens.expiresAt()).ifPresent(end -> body.put("expires_in", secondsUntil(end)));
    Optional.ofNullable(tokens.refreshToken()).ifPresent(token -> body.put("refresh_token", token.reveal()));
    return body.put("scope", tokens.scope().toString());
  }

  private ObjectNode description(Scopes scope, @Nullable Instant expiresAt) {
    var body = Json.newObject();
    Optional.ofNullable(expiresAt).ifPresent(end -> body.put("expires_in", secondsUntil(end)));
    return body.put("scope", scope.toString());
  }

  private long secondsUntil(Instant end) {
    // Rounded to the nearest second: an hour should be an hour when the response follows at once.
    return Math.max(0, Duration.between(clock.instant(), end).plusMillis(500).toSeconds());
  }
}
