package social.avatarai.mcp.token.chaos;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.RefreshToken;

/** What an authorization server knows of its refresh tokens. Each consent begins a family. */
final class ModelIssuer {
  /** How long a graceful server answers to the token before the current one. */
  static final Duration GRACE = Duration.ofMinutes(10);

  private final Kind kind;
  private final Map<String, Token> tokens = new HashMap<>();
  private int families;
  private int issued;

  /** How a server treats a refresh token that it has replaced. */
  enum Kind {
    /** It replaces the token at each use. The second use of a replaced token ends the family. */
    STRICT,
    /** It replaces the token, and answers to the last replaced one for some minutes. */
    GRACEFUL,
    /** It never replaces the token. */
    NOT_ROTATING
  }

  /** The tokens that come from one consent. */
  static final class Family {
    final ConnectionKey owner;
    private final int number;
    private boolean ended;

    private Family(ConnectionKey owner, int number) {
      this.owner = owner;
      this.number = number;
    }

    boolean hasEnded() {
      return ended;
    }

    @Override
    public String toString() {
      return "family " + number + " of " + owner.user();
    }
  }

  private static final class Token {
    private final Family family;
    private @Nullable Instant replacedAt;

    private Token(Family family) {
      this.family = family;
    }
  }

  ModelIssuer(Kind kind) {
    this.kind = kind;
  }

  /** Begins a family with its first refresh token. */
  RefreshToken consent(ConnectionKey owner) {
    return new RefreshToken(issue(new Family(owner, ++families)));
  }

  Family family(String token) {
    var known = tokens.get(token);
    if (known == null) throw new AssertionError("a refresh token that was never issued was sent");
    return known.family;
  }

  /** Takes a refresh token; null if the server refuses it with invalid_grant. */
  @Nullable
  String redeem(String token, Instant now) {
    var known = Objects.requireNonNull(tokens.get(token));
    if (!accepts(token, now)) {
      known.family.ended = true;
      return null;
    }
    if (kind == Kind.NOT_ROTATING) return token;
    if (known.replacedAt == null) known.replacedAt = now;
    return issue(known.family);
  }

  /** Whether the server would answer to this refresh token with new tokens. */
  boolean accepts(String token, Instant now) {
    var known = Objects.requireNonNull(tokens.get(token));
    if (known.family.ended) return false;
    if (known.replacedAt == null) return true;
    return kind == Kind.GRACEFUL && !now.isAfter(known.replacedAt.plus(GRACE));
  }

  private String issue(Family family) {
    String token = "refresh-" + family.number + "-" + ++issued;
    tokens.put(token, new Token(family));
    return token;
  }
}
