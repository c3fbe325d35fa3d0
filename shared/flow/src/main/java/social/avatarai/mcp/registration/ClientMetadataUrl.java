package social.avatarai.mcp.registration;

import java.util.List;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.IssuerContext;

/**
 * Where the operator publishes our Client ID Metadata Documents, in place of our own addresses.
 *
 * <p>With <code>{context}</code> in the path, each issuer has its own document. Without <code>{context}</code>, one
 * document serves all issuers.
 *
 * @param value an https URL with a path, without fragment and dot segments (Client ID Metadata Document draft, client
 *        identifier URLs), and <code>{context}</code> in its path at most once
 */
public record ClientMetadataUrl(String value) {
  private static final String CONTEXT = "{context}";
  private static final String ANY_CONTEXT = "0".repeat(32);
  private static final int AFTER_SCHEME = "https://".length();

  public ClientMetadataUrl {
    int first = value.indexOf(CONTEXT);
    var url = new EndpointUrl(value.replace(CONTEXT, ANY_CONTEXT));
    if (!url.isHttps()) throw new IllegalArgumentException("must be an https URL");
    if (url.path().isEmpty()) throw new IllegalArgumentException("must have a path");
    if (List.of(url.path().split("/", -1)).stream().anyMatch(segment -> segment.equals(".") || segment.equals(".."))) {
      throw new IllegalArgumentException("must have no dot segments in its path");
    }
    if (first >= 0 && (first != value.lastIndexOf(CONTEXT) || !isInPath(value, first))) {
      throw new IllegalArgumentException("must have {context} once, in its path");
    }
  }

  /** Whether one document serves all issuers. */
  boolean isFixed() { return !value.contains(CONTEXT); }

  /** The address of the document for one issuer. */
  EndpointUrl of(IssuerContext context) {
    return new EndpointUrl(value.replace(CONTEXT, context.value()));
  }

  private static boolean isInPath(String value, int index) {
    int query = value.indexOf('?');
    return index > value.indexOf('/', AFTER_SCHEME) && (query < 0 || index < query);
  }

  @Override
  public String toString() {
    return value;
  }
}
