package social.avatarai.mcp;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The name of an MCP server that the operator has defined as a program of this machine. A user's record refers to the
 * program by this name, and says nothing else about it.
 *
 * <p>Records, lists and caches hold the URL of each server. A program has a URL that leads nowhere: names below
 * {@code invalid} never exist (RFC 6761 §6.4). A program is never started for a URL, only for a record that names it.
 *
 * @param value letters, digits, dots, hyphens and underscores, at most 64
 */
public record StdioName(String value) {
  private static final Pattern FORM = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
  private static final String HOST = "stdio.invalid";

  public StdioName {
    if (!isValid(value)) {
      throw new IllegalArgumentException("must have 1 to 64 letters, digits, dots, hyphens and underscores");
    }
  }

  public static boolean isValid(String value) {
    return FORM.matcher(value).matches();
  }

  /** The URL that stands for the program. */
  public EndpointUrl url() {
    return new EndpointUrl("https://" + HOST + "/" + value);
  }

  /** The name of the program that a URL stands for; empty for the URL of a server that is reached over HTTP. */
  public static Optional<StdioName> of(EndpointUrl url) {
    return Optional.of(url).filter(StdioName::isReserved).map(EndpointUrl::path).filter(path -> !path.isEmpty())
        .map(path -> path.substring(1)).filter(StdioName::isValid).map(StdioName::new)
        .filter(name -> name.url().equals(url));
  }

  /** Whether a URL is at the host of the URLs that stand for programs. No user may write such a URL. */
  public static boolean isReserved(EndpointUrl url) {
    return url.host().equals(HOST);
  }

  @Override
  public String toString() {
    return value;
  }
}
