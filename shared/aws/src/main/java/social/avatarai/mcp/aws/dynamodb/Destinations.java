package social.avatarai.mcp.aws.dynamodb;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.registration.ClientIdentity;
import social.avatarai.mcp.token.GrantTarget;
import social.avatarai.mcp.vault.Destination;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * The destinations of the sealed values of an item, made from the attributes that the item stores.
 *
 * <p>An attribute that decides where a secret is sent belongs into the map from which both the item and the destination
 * are made. Then the attribute cannot be stored without being sealed.
 */
final class Destinations {
  private Destinations() {}

  /**
   * The destination of a grant's tokens. A refresh token goes to the token endpoint and an access token to the server.
   * Either token may go to the revocation endpoint of the same issuer, with the client's credentials. The user may edit
   * the query of the server's URL without a new consent.
   */
  static Destination tokens(GrantTarget target, ClientIdentity client) {
    var attributes = new TreeMap<>(TargetItem.of(target));
    attributes.putAll(TargetItem.of(client));
    return of(attributes);
  }

  /**
   * The destination of what goes to the MCP server only: an MCP session, and the query of the server's URL. A token
   * endpoint may move without ending the session.
   */
  static Destination mcpServer(GrantTarget target) {
    return mcpServer(target.serverUrl()).with("resource", target.resource().value());
  }

  /** The destination of an MCP session with a server that needs no token. The query of its URL is not part of it. */
  static Destination mcpServer(EndpointUrl server) {
    return Destination.none().with("serverUrl", server.withoutQuery().value());
  }

  /** The destination that these attributes make up. Each entry of a list counts as one attribute. */
  static Destination of(Map<String, AttributeValue> attributes) {
    var texts = new TreeMap<String, String>();
    attributes.forEach((name, value) -> {
      if (value.hasL()) putAll(texts, name, value.l());
      else
        texts.put(name, textOf(value));
    });
    return new Destination(texts);
  }

  private static void putAll(Map<String, String> texts, String name, List<AttributeValue> entries) {
    for (int i = 0; i < entries.size(); i++)
      texts.put(name + "." + i, textOf(entries.get(i)));
  }

  private static String textOf(AttributeValue value) {
    return switch (value.type()) {
      case S -> value.s();
      case BOOL -> value.bool().toString();
      case N -> value.n();
      default -> throw new IllegalArgumentException("is no attribute of a destination");
    };
  }
}
