package social.avatarai.mcp;

import java.util.Collection;
import java.util.List;

/**
 * The identifier of an authorization server, exactly as the server publishes it.
 *
 * <p>Published issuers are compared as strings and never normalised, as RFC 9207 §2.4 and RFC 8414 §3.3 demand. Only an
 * issuer that a person has written down may have one trailing slash more or less than the published one: many servers
 * publish a slash that people do not write. See {@link #means}.
 *
 * @param value an https URL without query or fragment (RFC 8414 §2); or http on loopback, if the address policy allows
 *         loopback
 */
public record Issuer(String value) {

  public Issuer {
    new EndpointUrl(value).requireNoQuery();
  }

  /** An issuer from our own caller's parameter. Fails with {@code invalid_url} if the value is invalid. */
  public static Issuer ofParameter(String name, String value) {
    try {
      return new Issuer(value);
    } catch (IllegalArgumentException e) {
      throw new Failure.BadRequest(ErrorCode.INVALID_URL, "Parameter " + name + " " + e.getMessage() + ".");
    }
  }

  /** An issuer from another party's document. Fails with {@code invalid_metadata} if the value is invalid. */
  public static Issuer ofDocument(String member, String value) {
    try {
      return new Issuer(InvocationSecrets.requireNoneIn(value));
    } catch (IllegalArgumentException e) {
      throw new Failure.ProtocolBroken(ErrorCode.INVALID_METADATA,
          "The server's " + member + " " + e.getMessage() + ".",
          value);
    }
  }

  /**
   * Whether a person who wrote this means that published issuer. Of two published issuers it says only that they may name
   * one authorization server: that decides what is kept and what is compared, and never where a secret is sent.
   */
  public boolean means(Issuer published) {
    return value.equals(published.value) || otherSpelling().value.equals(published.value);
  }

  /** Both spellings: first this one. */
  public List<Issuer> spellings() {
    return List.of(this, otherSpelling());
  }

  /**
   * This issuer with its trailing slash left out, or with one added. An issuer of the maximum length has no other one,
   * and is returned itself.
   */
  public Issuer otherSpelling() {
    if (value.length() == EndpointUrl.MAX_LENGTH && !value.endsWith("/")) return this;
    return new Issuer(value.endsWith("/") ? value.substring(0, value.length() - 1) : value + "/");
  }

  /** The published issuer that a person who wrote this means; this one if none of them is meant. */
  public Issuer among(Collection<Issuer> published) {
    return published.contains(this) ? this : published.stream().filter(this::means).findFirst().orElse(this);
  }

  public EndpointUrl url() {
    return new EndpointUrl(value);
  }

  @Override
  public String toString() {
    return value;
  }
}
