package social.avatarai.mcp.proxy;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Digest;
import social.avatarai.mcp.Unguessable;
import social.avatarai.mcp.registration.RequestBudget;
import social.avatarai.mcp.vault.TokenCipher;
import social.avatarai.mcp.vault.TokenCipher.Place;

/**
 * The sessions of legacy clients with us (MCP 2025-11-25, basic/transports, session management). The id holds its time
 * and a keyed digest over this time, the user and the connection, so nothing is stored until a client ends its session.
 *
 * <p>An id gives no rights: each request carries the caller's own token. What is agreed on with the server is kept with
 * the connection, and does not end with a session here.
 */
public final class ProxySessions {
  /** Many clients do not begin another session by themselves, so a session outlives most of them. */
  static final Duration SESSION_LIFE = Duration.ofDays(30);
  private static final Pattern FORM = Pattern.compile("([0-9]{1,12}\\.[A-Za-z0-9_-]{43})\\.([A-Za-z0-9_.:-]{1,200})");

  private final TokenCipher cipher;
  private final EndedSessions ended;
  private final RequestBudget budget;
  private final Clock clock;

  public ProxySessions(TokenCipher cipher, EndedSessions ended, RequestBudget budget, Clock clock) {
    this.cipher = cipher;
    this.ended = ended;
    this.budget = budget;
    this.clock = clock;
  }

  /** The id of a fresh session: {@code <seconds of its end>.<random>.<digest>}. */
  String begin(ConnectionKey connection) {
    String named = clock.instant().plus(SESSION_LIFE).getEpochSecond() + "." + Unguessable.text();
    return named + "." + cipher.mac(named, place(connection));
  }

  /** Whether this is a session of this connection that has not ended. */
  boolean isLive(String id, ConnectionKey connection) {
    return end(id, connection).isPresent() && !ended.contain(Digest.sha256Hex(id));
  }

  /**
   * Ends a session; false where it is none of this connection, or has ended before. An end is stored, so it is counted:
   * to begin a session costs a client nothing.
   */
  boolean end(ConnectionKey connection, String id) {
    var until = end(id, connection);
    String digest = Digest.sha256Hex(id);
    if (until.isEmpty() || ended.contain(digest)) return false;
    budget.takeSessionEnd(connection.user());
    ended.end(digest, until.get());
    return true;
  }

  /** When a session ends by itself; empty where it is none of this connection, or has ended so. */
  private Optional<Instant> end(String id, ConnectionKey connection) {
    var form = FORM.matcher(id);
    if (!form.matches()) return Optional.empty();
    var until = Instant.ofEpochSecond(Long.parseLong(form.group(1).substring(0, form.group(1).indexOf('.'))));
    boolean isOurs = clock.instant().isBefore(until)
        && cipher.matches(form.group(2), form.group(1), place(connection));
    return isOurs ? Optional.of(until) : Optional.empty();
  }

  private static Place place(ConnectionKey connection) {
    return Place.of("proxy-sessions", connection.user().value(), connection.connection().value());
  }
}
