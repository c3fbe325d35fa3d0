package social.avatarai.mcp.record;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.EnteredCredentials;
import social.avatarai.mcp.EnteredHeader;
import social.avatarai.mcp.EnteredSecret;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.HeaderName;

/**
 * What a record says of credentials that its user enters: {@code authorization.config} with a token or a key, and
 * {@code endpoint.headers}. Values that it does not give stay as they are stored, for the same method and the same
 * origin.
 *
 * @param method {@code authorization.method}
 * @param key the header of the token or the key; null for a method without one
 * @param headers {@code endpoint.headers}
 * @param staying which of the stored headers stay that {@code endpoint.headers} does not name
 */
public record GivenCredentials(AuthorizationMethod method, @Nullable Given key, List<Given> headers,
    Predicate<HeaderName> staying) {
  private static final String HEADERS = "headers";
  private static final String HAS_HEADERS = "has_headers";

  /**
   * A header as the record gives it.
   *
   * @param member the member of the record, for an error
   * @param secret the secret; null if the record does not give it
   */
  public record Given(String member, HeaderName name, String prefix, @Nullable EnteredSecret secret) {

    EnteredHeader header(Optional<EnteredHeader> stored) {
      var known = secret == null ? stored.map(EnteredHeader::secret).orElseThrow(() -> missing(member)) : secret;
      return ofMember(member, () -> new EnteredHeader(name, prefix, known));
    }
  }

  static GivenCredentials read(RecordFields endpoint, RecordFields authorization) {
    var method = AuthorizationMethod.of(authorization);
    var headers = headers(endpoint.object(HEADERS).object());
    if (method == AuthorizationMethod.OAUTH2 && !headers.isEmpty()) {
      throw new Failure.BadRequest(ErrorCode.UNSUPPORTED_RECORD, "The record's endpoint.headers are not sent beside a "
          + "token of oauth2. Headers in place of a consent need authorization.method headers, bearer or api_key.");
    }
    var key = switch (method) {
      case NONE, OAUTH2, HEADERS -> null;
      case BEARER -> bearer(authorization.object("config"));
      case API_KEY -> apiKey(authorization.object("config"));
    };
    return new GivenCredentials(method, key, headers, staying(endpoint, headers));
  }

  private static Given bearer(RecordFields config) {
    var token = config.text("token");
    // RFC 6750 §2.1 allows fewer characters. Tokens in the field have others too, such as the bar of Laravel Sanctum.
    if (token.filter(value -> value.contains(" ")).isPresent()) {
      throw RecordFields.bad("The record's authorization.config.token is the token alone, without blanks and without "
          + "the word Bearer.");
    }
    return new Given("authorization.config.token", new HeaderName("Authorization"), "Bearer ",
        token.map(EnteredSecret::new).orElse(null));
  }

  private static Given apiKey(RecordFields config) {
    String member = "authorization.config.api_key";
    String name = config.text("header").orElse("X-API-Key");
    return new Given(member, ofMember("authorization.config.header", () -> new HeaderName(name)),
        config.text("prefix").orElse(""), config.text("api_key").map(EnteredSecret::new).orElse(null));
  }

  private static List<Given> headers(ObjectNode headers) {
    return headers.propertyStream().map(member -> header(member.getKey(), member.getValue())).toList();
  }

  /** Null and "" count as absent, as in the whole record. */
  private static Given header(String name, JsonNode value) {
    String member = "endpoint.headers." + RecordFields.shown(name);
    if (!value.isTextual() && !value.isNull()) throw RecordFields.bad("The record's " + member + " must be a text.");
    String text = value.asText("");
    return new Given(member, ofMember("endpoint.headers", () -> new HeaderName(name)), "",
        text.isEmpty() || value.isNull() ? null : new EnteredSecret(text));
  }

  /** The stored headers that the user sees and sends back; without a list, all of them or those of the record. */
  private static Predicate<HeaderName> staying(RecordFields endpoint, List<Given> headers) {
    JsonNode listed = endpoint.object().path(HAS_HEADERS);
    if (listed.isMissingNode() || listed.isNull()) return _ -> headers.isEmpty();
    if (!(listed instanceof ArrayNode names)) {
      throw RecordFields.bad("The record's endpoint.has_headers must be a list.");
    }
    return stored -> names.valueStream().anyMatch(name -> stored.value().equalsIgnoreCase(name.asText()));
  }

  /**
   * The credentials of a server at this URL.
   *
   * @param before the record that is replaced
   */
  public EnteredCredentials after(Optional<McpServer> before, EndpointUrl url) {
    var stored = before.filter(old -> isOfStored(old, url)).map(McpServer::entered)
        .orElse(EnteredCredentials.none());
    var all = new ArrayList<EnteredHeader>();
    for (var given : headers)
      all.add(given.header(stored.headers().stream().filter(one -> one.name().isSame(given.name())).findFirst()));
    stored.headers().stream().filter(one -> staying.test(one.name()))
        .filter(one -> headers.stream().noneMatch(given -> given.name().isSame(one.name()))).forEach(all::add);
    var entered = key == null ? null : key.header(Optional.ofNullable(stored.key()));
    if (method == AuthorizationMethod.HEADERS && all.isEmpty()) throw missing("endpoint.headers");
    if (entered == null && all.isEmpty()) return EnteredCredentials.none();
    return ofMember("endpoint.headers", () -> new EnteredCredentials(url.origin(), entered, all));
  }

  /** Another origin is another server, and another method another kind of credential. */
  private boolean isOfStored(McpServer old, EndpointUrl url) {
    return old.url().origin().equals(url.origin()) && AuthorizationMethod.of(old.document()) == method;
  }

  /** Takes the secrets out of a document, and the members that this service adds when it shows a record. */
  void removeFrom(ObjectNode document) {
    if (document.at("/authorization/config") instanceof ObjectNode config) {
      config.remove(List.of("has_token", "has_api_key"));
      if (method == AuthorizationMethod.BEARER) config.remove("token");
      if (method == AuthorizationMethod.API_KEY) config.remove("api_key");
    }
    if (document.get("endpoint") instanceof ObjectNode endpoint) {
      endpoint.remove(HAS_HEADERS);
      if (!headers.isEmpty()) endpoint.putObject(HEADERS);
    }
  }

  /**
   * Refuses a document that has the token or the key in another member too. It would be stored in the clear there. Other
   * headers may hold names that also stand in the document.
   */
  void requireNotIn(ObjectNode document) {
    if (key == null || key.secret() == null || !PlainSecrets.isRepeatedIn(document, key.secret().reveal())) return;
    throw RecordFields.bad("The record has the value of its " + key.member() + " in another member too, where it would "
        + "be stored in the clear.");
  }

  /** Adds to a document as it is shown which credentials are stored. */
  public static ObjectNode show(McpServer server, ObjectNode document) {
    var entered = server.entered();
    if (entered.key() != null) {
      config(document).put(
          AuthorizationMethod.of(server.document()) == AuthorizationMethod.BEARER ? "has_token" : "has_api_key", true);
    }
    if (!entered.headers().isEmpty() && document.get("endpoint") instanceof ObjectNode endpoint) {
      var names = endpoint.putArray(HAS_HEADERS);
      entered.headers().forEach(header -> names.add(header.name().value()));
    }
    return document;
  }

  private static ObjectNode config(ObjectNode document) {
    if (document.at("/authorization/config") instanceof ObjectNode config) return config;
    return document.withObject("authorization").putObject("config");
  }

  private static <T> T ofMember(String member, Supplier<T> value) {
    return RecordFields.valueOf(member, ErrorCode.INVALID_REQUEST, value);
  }

  private static Failure missing(String member) {
    return RecordFields.bad("The record's " + member + " is missing, and no value is stored for this "
        + "authorization.method at the origin of this endpoint.url.");
  }
}
