package social.avatarai.mcp.aws.dynamodb;

import static social.avatarai.mcp.aws.dynamodb.Values.text;

import java.util.Map;
import social.avatarai.mcp.ClientAuthenticationMethod;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.ResourceUri;
import social.avatarai.mcp.discovery.StatedEndpoints;
import social.avatarai.mcp.registration.ClientIdentity;
import social.avatarai.mcp.registration.Owner;
import social.avatarai.mcp.token.GrantTarget;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** The attributes that sessions, grants and registrations share: the issuer, and our client at the issuer. */
final class TargetItem {
  static final String ISSUER = "issuer";

  private TargetItem() {}

  /** The attributes of a target. The query of the server's URL is not among them: see {@link ServerQuery}. */
  static Map<String, AttributeValue> of(GrantTarget target) {
    return Values.none().with(ISSUER, text(target.issuer().value()))
        .with("tokenEndpoint", text(target.tokenEndpoint().value())).with(StatedItem.of(target.stated()))
        .with("resource", text(target.resource().value()))
        .with("serverUrl", text(target.serverUrl().withoutQuery().value())).toMap();
  }

  /** The target, with the server's URL as the row has it: only rows of an earlier release have a query in it. */
  static GrantTarget target(ItemReader row) {
    return new GrantTarget(issuer(row), new EndpointUrl(row.text("tokenEndpoint")),
        new ResourceUri(row.text("resource")), new EndpointUrl(row.text("serverUrl")),
        StatedItem.issuer(row));
  }

  /** Whether the client of this row is kept under this issuer, see {@link GrantTarget#registeredAt}. */
  static boolean isRegisteredAt(ItemReader row, Issuer registeredAt) {
    var stated = StatedItem.issuer(row);
    var own = stated == null
        ? issuer(row)
        : StatedEndpoints.registeredAt(issuer(row), new EndpointUrl(row.text("tokenEndpoint")),
            stated.revocationEndpoint());
    return own.equals(registeredAt);
  }

  /** Whether this is an item of this client at this issuer, in either of its spellings. */
  static boolean isOf(Map<String, AttributeValue> item, Issuer issuer, ClientId client) {
    return text(client.value()).equals(item.get("clientId"))
        && (text(issuer.value()).equals(item.get(ISSUER))
            || text(issuer.otherSpelling().value()).equals(item.get(ISSUER)));
  }

  static Issuer issuer(ItemReader row) {
    return new Issuer(row.text(ISSUER));
  }

  static Map<String, AttributeValue> of(ClientIdentity client) {
    return Map.of("clientOwner", text(client.owner().key()), "clientOrigin", text(client.origin().name()), "clientId",
        text(client.id().value()), "clientMethod", text(client.method().wireName()));
  }

  static ClientIdentity client(ItemReader row) {
    var method = ClientAuthenticationMethod.ofWire(row.text("clientMethod"))
        .orElseThrow(() -> new IllegalArgumentException("attribute clientMethod names no method"));
    return new ClientIdentity(new Owner(row.text("clientOwner")),
        row.word("clientOrigin", ClientIdentity.Origin.class), new ClientId(row.text("clientId")), method);
  }
}
