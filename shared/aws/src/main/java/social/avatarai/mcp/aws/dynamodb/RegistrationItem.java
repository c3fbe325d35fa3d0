package social.avatarai.mcp.aws.dynamodb;

import static social.avatarai.mcp.aws.dynamodb.Values.millisOrNull;
import static social.avatarai.mcp.aws.dynamodb.Values.text;
import static social.avatarai.mcp.aws.dynamodb.Values.texts;

import java.util.Map;
import java.util.Optional;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.Digest;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.RedirectUri;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.registration.ClientRegistration;
import social.avatarai.mcp.registration.Owner;
import social.avatarai.mcp.store.TokenCipher;
import social.avatarai.mcp.store.TokenCipher.Place;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** A client registration as an item, and the sort keys of what is kept by issuer. */
final class RegistrationItem {
  static final String TABLE = "registrations";

  private RegistrationItem() {}

  /** What the keys of all registrations made for a redirect URI of ours begin with. */
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

  /** The attribute of what is sealed beside a registration: its kind is in the sort key, and in its place. */
  static final String SEALED = "sealed";
  static final String SECRET = "secret";
  static final String TOKEN = "token";

  /** The change that seals it anew with the current key; empty where it is under that one. */
  static Optional<Change> resealing(TokenCipher cipher, Map<String, AttributeValue> item) {
    String field = is(item, "secret") ? SECRET : TOKEN;
    return Row.map(TABLE, item, row -> new Resealing(cipher, row, _ -> place(new Owner(row.text(Tables.PARTITION)),
        new Issuer(row.text("issuer")), new ClientId(row.text("clientId")), field)).seal(SEALED).change());
  }

  /** Where what is sealed for a client opens, and nowhere else. */
  static Place place(Owner owner, Issuer issuer, ClientId clientId, String field) {
    return Place.of(TABLE, owner.key(), issuer.value(), clientId.value(), field);
  }

  static boolean isRegistration(Map<String, AttributeValue> item) {
    return is(item, "auto") || is(item, "client");
  }

  /** What is neither a registration nor a lease: all that would stay when the registrations are gone. */
  static boolean isRest(Map<String, AttributeValue> item) {
    return is(item, "offline") || is(item, "secret") || is(item, "management");
  }

  /** The kind is what follows the issuer's hash. */
  private static boolean is(Map<String, AttributeValue> item, String kind) {
    String sort = item.getOrDefault(Tables.SORT, text("")).s();
    return sort.startsWith("#" + kind + "#", sort.indexOf('#'));
  }

  private static String hash(Issuer issuer) {
    return Digest.sha256Hex(issuer.value());
  }

  static Map<String, AttributeValue> of(ClientRegistration registration, String sort) {
    return Values.of(registration.client().owner().key(), sort).with(TargetItem.of(registration.client()))
        .with("issuer", text(registration.issuer().value())).with("redirectUris", texts(registration.redirectUris()))
        .with("scope", text(registration.scope().toString()))
        .with("expiresAtMillis", millisOrNull(registration.expiresAt())).toMap();
  }

  static ClientRegistration registration(Map<String, AttributeValue> item) {
    return Row.map(TABLE, item,
        row -> new ClientRegistration(new Issuer(row.text("issuer")), TargetItem.client(row),
            row.texts("redirectUris").map(RedirectUri::new).toList(), Scopes.parse(row.text("scope")),
            row.instantOrNull("expiresAtMillis")));
  }
}
