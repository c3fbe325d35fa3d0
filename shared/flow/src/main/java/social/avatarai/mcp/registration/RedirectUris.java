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
 * Our redirect URIs at one issuer, and which of them a client uses there. Pure.
 *
 * <p>The issuer's own is the rule, because only there a response of another issuer is seen to be one (OAuth security
 * BCP update, mix-up). The plain callback, which issuers share, is for clients that were registered by hand, at issuers
 * that the operator or a profile of ours allows it. What an issuer says of itself earns nothing.
 *
 * @param issuer the authorization server
 * @param base where this deployment is reached
 * @param sharesPlain whether the issuer is one of those that may use the plain callback
 */
public record RedirectUris(Issuer issuer, PublicBase base, boolean sharesPlain) {

  /**
   * The redirect URI of a flow.
   *
   * @param uri the one to use
   * @param elsewhere whether the client names one under another base URL: this one has to be registered as well
   */
  record Choice(RedirectUri uri, boolean elsewhere) {}

  /** The issuer's own, which every client may be registered with. */
  public RedirectUri own() {
    return base.callback(IssuerContext.of(issuer));
  }

  /** The plain callback, where this issuer may use it. */
  public Optional<RedirectUri> plain() {
    return sharesPlain ? Optional.of(base.plainCallback()) : Optional.empty();
  }

  /** The redirect URI of a client; {@code redirect_uri_required} when none of those it is registered with will do. */
  Choice of(ClientRegistration registration) {
    var registered = registration.redirectUris();
    return switch (registration.client().origin()) {
      case OPERATOR -> new Choice(plain().orElseGet(this::own), false);
      case PREREGISTERED, PUBLIC -> byHand(registered);
      // Registered by us with the issuer's own one, whatever else the caller's body named.
      case CALLER, DYNAMIC, METADATA_DOCUMENT -> {
        if (!registered.contains(own())) throw required("Register the redirect URI " + own() + " for this client.");
        yield new Choice(own(), false);
      }
    };
  }

  private Choice byHand(List<RedirectUri> named) {
    if (named.isEmpty() || named.contains(own())) return new Choice(own(), false);
    var plain = plain().filter(named::contains);
    if (plain.isPresent()) return new Choice(plain.get(), false);
    if (named.stream().anyMatch(this::isElsewhere)) return new Choice(own(), true);
    throw required("The redirect URI " + own() + " is needed: register it for this client, and name it in "
        + "authorization.config.redirect_uri or leave that out.");
  }

  /** Whether it is a redirect URI of ours but for the base URL: of a document that was made for another deployment. */
  public boolean isElsewhere(RedirectUri named) {
    var other = new PublicBase(new EndpointUrl(named.value()).origin());
    return !other.equals(base)
        && (named.equals(other.plainCallback()) || named.equals(other.callback(IssuerContext.of(issuer))));
  }

  private static Failure required(String message) {
    return new Failure.BadRequest(ErrorCode.REDIRECT_URI_REQUIRED, message);
  }
}
