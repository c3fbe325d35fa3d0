package social.avatarai.mcp.token;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.discovery.AccountSource;

/**
 * Reads whose account tokens are for. Pure. What it finds is foreign text: the issuer, and often the owner of the
 * account, choose it freely.
 *
 * @param issuer the issuer of the tokens
 * @param published the issuer that an ID token has to name: another one only where a profile allows the metadata that
 * @param client our client there
 * @param source where a profile says that the account is named; null to read the claims that OpenID Connect defines
 * @param now when the response came
 */
record AccountReader(Issuer issuer, Issuer published, ClientId client, @Nullable AccountSource source,
    Instant now) {
  /** OpenID Connect Core §2: a subject has at most 255 characters. A longer identifier is not kept. */
  static final int MAX_ID_LENGTH = 255;
  /** In characters. A longer label is cut, and each member of a label that has several. */
  static final int MAX_LABEL_LENGTH = 100;
  private static final List<JsonPointer> SUB = List.of(JsonPointer.compile("/sub"));
  /** OpenID Connect Core §5.1. The first claim that is there is the label. */
  private static final List<String> LABELS = List.of("email", "preferred_username", "name");
  /** Stands between the members of a label. */
  private static final String BETWEEN = ", ";

  /**
   * What a token response says about the account.
   *
   * @param account the account; null if the response does not name it
   * @param fault the claim for which the ID token was not used; null if it was used, or if there is none
   */
  record Found(@Nullable Identity account, @Nullable String fault) {
    private static final Found NOTHING = new Found(null, null);

    private static Found of(Optional<Identity> account) {
      return new Found(account.orElse(null), null);
    }
  }

  /** A reader for an issuer whose metadata names it. */
  AccountReader(Issuer issuer, ClientId client, @Nullable AccountSource source, Instant now) {
    this(issuer, issuer, client, source, now);
  }

  /** The account in the response to a code. */
  Found named(ObjectNode response) {
    return switch (kind()) {
      case TOKEN_RESPONSE -> Found.of(members(response));
      case USERINFO -> Found.NOTHING;
      case ID_TOKEN -> IdToken.claims(response)
          .map(claims -> IdToken.fault(claims, published, client, now).map(fault -> new Found(null, fault))
              .orElseGet(() -> Found.of(claimed(claims))))
          .orElse(Found.NOTHING);
    };
  }

  /**
   * The account in the response to a refresh token. If an account is known, an ID token is compared with it whatever its
   * other claims are: a grant ends rather than that tokens of another account are used.
   *
   * <p>An account that is known by the claim {@code sub} is compared with the claim of an ID token first, wherever a profile
   * reads the account. The account may have been read before its profile was written or changed: with the same claim, it
   * is as the profile names it. Where nothing can be compared, the response names no account.
   */
  Found named(ObjectNode response, @Nullable Identity known) {
    if (known == null) return named(response);
    var bySub = known.source().equals(Identity.SUB)
        ? IdToken.claims(response).flatMap(this::bySub)
        : Optional.<Identity>empty();
    if (bySub.filter(named -> Identity.differ(known, named)).isPresent()) return Found.of(bySub);
    boolean canBeCompared = bySub.isPresent() || known.source().equals(readFrom());
    return canBeCompared ? read(response) : Found.NOTHING;
  }

  private Found read(ObjectNode response) {
    return kind() == AccountSource.Kind.ID_TOKEN
        ? Found.of(IdToken.claims(response).flatMap(this::claimed))
        : named(response);
  }

  /** The account in the response of an endpoint that was asked with the access token. */
  Optional<Identity> asked(ObjectNode response) {
    return source == null ? claimed(response) : members(response);
  }

  private AccountSource.Kind kind() {
    return source == null ? AccountSource.Kind.ID_TOKEN : source.kind();
  }

  private Optional<Identity> claimed(ObjectNode claims) {
    return source == null ? bySub(claims) : members(claims);
  }

  private Optional<Identity> bySub(ObjectNode claims) {
    String spelled = claims.path("iss").isTextual() ? claims.path("iss").textValue() : issuer.value();
    if (spelled.length() > EndpointUrl.MAX_LENGTH) return Optional.empty();
    var label = LABELS.stream().flatMap(name -> label(claims.path(name)).stream()).findFirst().orElse(null);
    return id(claims, SUB).map(subject -> new Identity(spelled, subject, label, Identity.SUB));
  }

  private Optional<Identity> members(ObjectNode document) {
    var from = Objects.requireNonNull(source);
    var label = label(from.label().stream().flatMap(pointer -> label(document.at(pointer)).stream()).toList());
    return id(document, from.id()).map(id -> new Identity(issuer.value(), id, label, readFrom()));
  }

  /**
   * The source of the identities that are read here. A profile that names the claim {@code sub} of an ID token, or of the
   * UserInfo endpoint, reads the same as without a profile.
   */
  private String readFrom() {
    if (source == null || (source.id().equals(SUB) && kind() != AccountSource.Kind.TOKEN_RESPONSE)) return Identity.SUB;
    return source.id().stream().map(JsonPointer::toString).collect(Collectors.joining(" "));
  }

  /** The members as one identifier; empty if one of them is missing. */
  private static Optional<String> id(ObjectNode document, List<JsonPointer> pointers) {
    var parts = pointers.stream().map(document::at).toList();
    boolean complete = parts.stream().allMatch(part -> part.isIntegralNumber()
        || (part.isTextual() && !part.textValue().isBlank()));
    if (!complete) return Optional.empty();
    String id = parts.size() == 1
        ? parts.getFirst().asText()
        : parts.stream().map(part -> part.asText().replace("%", "%25").replace(":", "%3A"))
            .collect(Collectors.joining(":"));
    return Optional.of(id).filter(text -> text.length() <= MAX_ID_LENGTH && text.equals(shown(text)));
  }

  private static Optional<String> label(JsonNode member) {
    return Stream.of(member).filter(JsonNode::isTextual)
        .map(text -> cut(shown(text.textValue()).strip(), MAX_LABEL_LENGTH))
        .filter(text -> !text.isEmpty()).findFirst();
  }

  /** The members as one label. Each has the same room, so that a long one does not hide the others. */
  private static @Nullable String label(List<String> members) {
    if (members.isEmpty()) return null;
    int room = (MAX_LABEL_LENGTH - BETWEEN.length() * (members.size() - 1)) / members.size();
    return members.stream().map(member -> cut(member, room).strip()).collect(Collectors.joining(BETWEEN));
  }

  /** Without characters that a page would not show, or that would turn the text around them. */
  private static String shown(String text) {
    return text.codePoints().filter(point -> switch (Character.getType(point)) {
      case Character.CONTROL, Character.FORMAT, Character.SURROGATE, Character.PRIVATE_USE, Character.UNASSIGNED,
          Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR ->
        false;
      default -> true;
    }).collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append).toString();
  }

  private static String cut(String text, int length) {
    if (text.length() <= length) return text;
    return text.substring(0, Character.isHighSurrogate(text.charAt(length - 1)) ? length - 1 : length);
  }
}
