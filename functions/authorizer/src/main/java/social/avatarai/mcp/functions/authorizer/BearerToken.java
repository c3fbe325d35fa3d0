package social.avatarai.mcp.functions.authorizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The bearer token of a request (RFC 6750 §2.1). It is a secret: no record, and it does not print itself. */
final class BearerToken {
  private static final String SCHEME = "bearer ";

  private final String value;

  private BearerToken(String value) {
    this.value = value;
  }

  /** The token of the header {@code Authorization}; empty without the header, or when it has another scheme. */
  static Optional<BearerToken> find(JsonNode headers) {
    return headers.propertyStream().filter(header -> header.getKey().equalsIgnoreCase("authorization"))
        .map(Map.Entry::getValue).map(JsonNode::asText).findFirst()
        .filter(value -> value.toLowerCase(Locale.ROOT).startsWith(SCHEME))
        .map(value -> new BearerToken(value.substring(SCHEME.length()).strip()));
  }

  String reveal() {
    return value;
  }

  @Override
  public String toString() {
    return "BearerToken[…]";
  }
}
