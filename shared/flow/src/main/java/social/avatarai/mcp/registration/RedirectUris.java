package social.avatarai.mcp.registration;

import java.util.List;
import java.util.Optional;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.IssuerContext;
import social.avatarai.mcp.PublicBase;
import social.avatarai.mcp.RedirectUri;

/**
 * Our redirect URIs at one issuer, and the choice between them for a client. Pure.
 *
 * <p>The issuer's own redirect URI is the rule, because only there a response of another issuer can be detected (OAuth
 * security BCP update, mix-up). The plain callback is shared by issuers. It is for clients that were registered by
 * hand, at issuers that the operator or one of our profiles allows it for. What an issuer claims about itself does not
 * count.
 *
 * @param issuer the authorization server
 * @param base the base URL of this deployment
 * @param sharesPlain whether the issuer may use the plain callback
 */
public record RedirectUris(Issuer issuer, PublicBase base, boolean sharesPlain) {

  /**
   * The redirect URI of a flow.
   *
   * @param uri the one to use
   * @param elsewhere whether the client names a redirect URI under another base URL: ours must be registered as well
   */
  record Choice(RedirectUri uri, boolean elsewhere) {}

  /** The issuer's own redirect URI. Every client may be registered with it. */
  public RedirectUri own() {
    return base.callback(IssuerContext.of(issuer));
  }

  /** The plain callback, if this issuer may use it. */
  public Optional<RedirectUri> plain() {
    return sharesPlain ? Optional.of(base.plainCallback()) : Optional.empty();
  }

  /** The redirect URI of a client; {@code redirect_uri_required} if none of its registered ones can be used. */
  Choice of(ClientRegistration registration) {
    var registered = registration.redirectUris();
    return switch (registration.client().origin()) {
      case OPERATOR -> new Choice(byOperator(registered), false);
      case PREREGISTERED, PUBLIC, UNKNOWN -> byHand(registered);
      // We registered it with the issuer's own redirect URI, in addition to those in the caller's body.
      case CALLER, DYNAMIC, METADATA_DOCUMENT -> {
        if (!registered.contains(own())) throw required("Register the redirect URI " + own() + " for this client.");
        yield new Choice(own(), false);
      }
    };
  }

  /** Whether flows at this issuer can use this redirect URI. */
  public boolean hasAsOwnOrPlain(RedirectUri named) {
    return named.equals(own()) || plain().filter(named::equals).isPresent();
  }

  private RedirectUri byOperator(List<RedirectUri> named) {
    var usual = plain().orElseGet(this::own);
    if (named.isEmpty() || named.contains(usual)) return usual;
    if (named.contains(own())) return own();
    throw new Failure.Misconfigured("The redirect URI in the settings of the operator's client is not one of this "
        + "deployment's for the issuer. It must be " + own() + ".", "");
  }

  private Choice byHand(List<RedirectUri> named) {
    if (named.isEmpty() || named.contains(own())) return new Choice(own(), false);
    var plain = plain().filter(named::contains);
    if (plain.isPresent()) return new Choice(plain.get(), false);
    if (named.stream().anyMatch(this::isElsewhere)) return new Choice(own(), true);
    throw required("The redirect URI " + own() + " is needed: register it for this client, and name it in "
        + "authorization.config.redirect_uri or leave that out.");
  }

  /** Whether this is our redirect URI with another base URL, from a document that was made for another deployment. */
  public boolean isElsewhere(RedirectUri named) {
    var other = new PublicBase(new EndpointUrl(named.value()).origin());
    return !other.equals(base)
        && (named.equals(other.plainCallback()) || named.equals(other.callback(IssuerContext.of(issuer))));
  }

  private static Failure required(String message) {
    return new Failure.BadRequest(ErrorCode.REDIRECT_URI_REQUIRED, message);
  }
}
