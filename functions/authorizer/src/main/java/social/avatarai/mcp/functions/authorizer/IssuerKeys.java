package social.avatarai.mcp.functions.authorizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.RSAKey;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.JsonText;
import social.avatarai.mcp.http.HttpResponse;
import social.avatarai.mcp.http.Outbound;
import social.avatarai.mcp.http.OutboundRequest;

/**
 * The issuer's public keys, kept in memory for 10 minutes. An unknown key id causes another fetch, but at most one a
 * minute, because anyone can invent key ids. While the issuer is unreachable, keys are used until they are an hour old.
 */
final class IssuerKeys {
  private static final Duration FRESH = Duration.ofMinutes(10);
  private static final Duration USABLE = Duration.ofHours(1);
  private static final Duration BETWEEN_FETCHES = Duration.ofMinutes(1);
  /** RFC 7518 §3.3 and §3.5. */
  static final int MIN_RSA_BITS = 2048;

  private final Outbound outbound;
  private final EndpointUrl url;
  private final Clock clock;
  private final Journal journal;
  private List<JWK> keys = List.of();
  private Instant fetched = Instant.MIN;
  private Instant tried = Instant.MIN;

  IssuerKeys(Outbound outbound, EndpointUrl url, Clock clock, Journal journal) {
    this.outbound = outbound;
    this.url = url;
    this.clock = clock;
    this.journal = journal;
  }

  /**
   * The keys that may have made a signature with this header: if the header names a key id, only the keys with this id.
   */
  synchronized List<JWK> matching(JWSHeader header, Deadline deadline) {
    if (isOlder(fetched, FRESH) && mayFetch()) fetch(deadline);
    var found = select(header);
    if (!found.isEmpty() || !mayFetch()) return found;
    fetch(deadline);
    return select(header);
  }

  private List<JWK> select(JWSHeader header) {
    var matcher = JWKMatcher.forJWSHeader(header);
    return keys.stream().filter(matcher::matches).toList();
  }

  /** Without any keys every request may fetch, because no token could be verified otherwise. */
  private boolean mayFetch() {
    return isOlder(fetched, USABLE) || isOlder(tried, BETWEEN_FETCHES);
  }

  private boolean isOlder(Instant then, Duration age) {
    return then.equals(Instant.MIN) || !clock.instant().isBefore(then.plus(age));
  }

  private void fetch(Deadline deadline) {
    tried = clock.instant();
    try {
      keys = read(outbound.exchange(OutboundRequest.document(url), deadline));
      fetched = tried;
    } catch (Failure e) {
      journal.write("issuer_keys", Map.of("error", e.code().wireName(), "detail", e.detail()));
      if (isOlder(fetched, USABLE)) throw e;
    }
  }

  private static List<JWK> read(HttpResponse response) {
    JsonNode keys = response.status() == 200 ? response.object().map(set -> set.path("keys")).orElse(null) : null;
    if (keys != null && keys.isArray()) return keys.valueStream().flatMap(IssuerKeys::key).toList();
    throw new Failure.ProtocolBroken(ErrorCode.INVALID_UPSTREAM_ANSWER, "The issuer's keys cannot be read.",
        "JWKS_URI responds with " + response.status());
  }

  /** RFC 7517 §5: a key that we do not understand is skipped; the other keys stay usable. */
  private static Stream<JWK> key(JsonNode json) {
    if (!(json instanceof ObjectNode)) return Stream.empty();
    try {
      return Optional.of(JWK.parse(JsonText.of(json)))
          .filter(key -> !(key instanceof RSAKey rsa) || rsa.size() >= MIN_RSA_BITS).stream();
    } catch (ParseException | IllegalArgumentException e) {
      return Stream.empty();
    }
  }
}
