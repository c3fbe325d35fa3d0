package social.avatarai.mcp.aws.dynamodb;

import static social.avatarai.mcp.aws.dynamodb.Values.bytes;
import static social.avatarai.mcp.aws.dynamodb.Values.millisOrNull;
import static social.avatarai.mcp.aws.dynamodb.Values.text;
import static social.avatarai.mcp.aws.dynamodb.Values.texts;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.Digest;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.RedirectUri;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.registration.ClientIdentity;
import social.avatarai.mcp.registration.ClientRegistration;
import social.avatarai.mcp.registration.Owner;
import social.avatarai.mcp.vault.Destination;
import social.avatarai.mcp.vault.TokenCipher;
import social.avatarai.mcp.vault.TokenCipher.Place;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** A client registration as an item, and the sort keys of everything that is stored by issuer. */
final class RegistrationItem {
  static final String TABLE = "registrations";

  private final TokenCipher cipher;

  RegistrationItem(TokenCipher cipher) {
    this.cipher = cipher;
  }

  /** The common start of the keys of all registrations that were made for a redirect URI of ours. */
  static String autoPrefix(Issuer issuer) {
    return hash(issuer) + "#auto#";
  }

  static String auto(Issuer issuer, RedirectUri redirectUri) {
    return autoPrefix(issuer) + Digest.sha256Hex(redirectUri.value());
  }

  static String clientPrefix(Issuer issuer) {
    return hash(issuer) + "#client#";
  }

  static String client(Issuer issuer, ClientId clientId) {
    return clientPrefix(issuer) + Digest.sha256Hex(clientId.value());
  }

  static String offline(Issuer issuer, ConnectionId connection) {
    return hash(issuer) + "#offline#" + connection;
  }

  static String refused(Issuer issuer) {
    return hash(issuer) + "#refused#scope";
  }

  static String lease(Issuer issuer) {
    return hash(issuer) + "#lease";
  }

  static String secretPrefix(Issuer issuer) {
    return hash(issuer) + "#secret#";
  }

  static String secret(Issuer issuer, ClientId clientId) {
    return secretPrefix(issuer) + Digest.sha256Hex(clientId.value());
  }

  static String management(Issuer issuer, ClientId clientId) {
    return hash(issuer) + "#management#" + Digest.sha256Hex(clientId.value());
  }

  /** The sealed attribute of every kind of row. The sort key and the place contain the kind. */
  static final String SEALED = "sealed";
  static final String SECRET = "secret";
  static final String TOKEN = "token";

  /** The update that seals the value again with the current key; empty if it already is. */
  Optional<ItemUpdate> resealing(Map<String, AttributeValue> item) {
    return ItemReader.map(TABLE, item, row -> {
      if (isRegistration(item)) {
        var destination = destination(read(row));
        return new Resealing(cipher, row, _ -> place(row), _ -> destination).seal(SEALED).change();
      }
      boolean secret = is(item, "secret");
      var issuer = new Issuer(row.text("issuer"));
      var place = place(new Owner(row.text(Tables.PARTITION)), issuer, new ClientId(row.text("clientId")),
          secret ? SECRET : TOKEN);
      var destination = secret ? secretOf(issuer) : management(new EndpointUrl(row.text("url")));
      return new Resealing(cipher, row, _ -> place, _ -> destination).seal(SEALED).change();
    });
  }

  /**
   * The destination of a client secret: the issuer. The grant or the session seals which endpoint of the issuer it is.
   */
  static Destination secretOf(Issuer issuer) {
    return Destination.none().with("issuer", issuer.value());
  }

  /** The destination of the token that ends a registration. */
  static Destination management(EndpointUrl url) {
    return Destination.none().with("url", url.value());
  }

  /** The only place at which a value that was sealed for a client opens. */
  static Place place(Owner owner, Issuer issuer, ClientId clientId, String field) {
    return Place.of(TABLE, owner.key(), issuer.value(), clientId.value(), field);
  }

  static boolean isRegistration(Map<String, AttributeValue> item) {
    return is(item, "auto") || is(item, "client");
  }

  /** Whether an item is neither a registration nor a lease. Such items would stay when the registrations are gone. */
  static boolean isRest(Map<String, AttributeValue> item) {
    return is(item, "offline") || is(item, "refused") || is(item, "secret") || is(item, "management");
  }

  /** Whether an item is of this kind, which follows the issuer's hash in its key. */
  private static boolean is(Map<String, AttributeValue> item, String kind) {
    String sort = item.getOrDefault(Tables.SORT, text("")).s();
    return sort.startsWith("#" + kind + "#", sort.indexOf('#'));
  }

  private static String hash(Issuer issuer) {
    return Digest.sha256Hex(issuer.value());
  }

  /**
   * The item of a registration. A registration holds no secret, so an empty text is sealed, which opens only while the
   * client is unchanged.
   */
  Map<String, AttributeValue> of(ClientRegistration registration, String sort) {
    String owner = registration.client().owner().key();
    return Values.of(owner, sort).with(deciding(registration))
        .with(SEALED, bytes(cipher.seal("", place(owner, sort), destination(registration))))
        .with("scope", text(registration.scope().toString()))
        .with("named", text(registration.named().toString()))
        .with("expiresAtMillis", millisOrNull(registration.expiresAt())).toMap();
  }

  /**
   * A registration that makes its owner a holder of its client; empty for other items, and for a client that a user has
   * entered without a secret. It is read without its seal, because a holder counts even if the key is lost.
   */
  static Optional<ClientRegistration> holding(Map<String, AttributeValue> item) {
    if (!isRegistration(item)) return Optional.empty();
    return Optional.of(ItemReader.map(TABLE, item, RegistrationItem::read)).filter(
        registration -> registration.client().origin() != ClientIdentity.Origin.PREREGISTERED
            || registration.client().hasStoredSecret());
  }

  ClientRegistration registration(Map<String, AttributeValue> item) {
    return ItemReader.map(TABLE, item, row -> {
      var registration = read(row);
      cipher.open(row.bytes(SEALED), place(row), destination(registration));
      return registration;
    });
  }

  private static ClientRegistration read(ItemReader row) {
    return new ClientRegistration(new Issuer(row.text("issuer")), TargetItem.client(row),
        row.texts("redirectUris").map(RedirectUri::new).toList(), Scopes.parse(row.text("scope")),
        Scopes.parse(Objects.requireNonNullElse(row.textOrNull("named"), "")),
        row.instantOrNull("expiresAtMillis"));
  }

  /** Everything that decides which credentials a flow sends, and to which server. */
  private static Map<String, AttributeValue> deciding(ClientRegistration registration) {
    return Values.none().with(TargetItem.of(registration.client()))
        .with("issuer", text(registration.issuer().value()))
        .with("redirectUris", texts(registration.redirectUris())).toMap();
  }

  private static Destination destination(ClientRegistration registration) {
    return Destinations.of(deciding(registration));
  }

  private static Place place(ItemReader row) {
    return place(row.text(Tables.PARTITION), row.text(Tables.SORT));
  }

  private static Place place(String owner, String sort) {
    return Place.of(TABLE, owner, sort, "registration");
  }
}
