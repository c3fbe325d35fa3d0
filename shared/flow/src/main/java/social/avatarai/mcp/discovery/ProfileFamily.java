package social.avatarai.mcp.discovery;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.regex.Pattern;
import social.avatarai.mcp.Issuer;

/**
 * A profile for the issuers of all tenants of one provider. Anyone can get a tenant there, so the profile says only how
 * the provider's software behaves. It binds nothing, and gives no issuer the plain callback: a tenant of a stranger would
 * otherwise share it with issuers of trust. It has no URL either, also none to revoke a token or to ask for an account:
 * the tokens of all tenants would go to that one.
 *
 * @param issuer the {@code issuer} of the file, in which {@code {tenant}} stands for the name of a tenant: the beginning
 *        of the host name, or one segment of the path
 * @param form what the issuers of the tenants look like
 * @param prototype the profile, with an invented tenant
 */
record ProfileFamily(String issuer, Pattern form, Profile prototype) {
  private static final String TENANT = "{tenant}";
  private static final String IN_HOST = "https://" + TENANT + ".";
  /** Names below a host name, in lower case as hosts are. */
  private static final String LABELS = "[a-z0-9-]+(\\.[a-z0-9-]+)*";
  private static final String SEGMENT = "[A-Za-z0-9-]+";

  /** Whether this is the document of a family. */
  static boolean isFamily(ObjectNode document) {
    return document.path("issuer").asText().contains(TENANT);
  }

  static ProfileFamily read(ObjectNode document) {
    var members = new ProfileMembers(document);
    String issuer = members.required("issuer");
    var form = members.checked("issuer", () -> form(issuer));
    for (String bound : new String[]{"plain_callback", "resource_origins", "metadata", "server_ids",
        "published_issuer"})
      if (members.find(bound).isPresent())
        throw unbound(members, bound);
    var one = members.checked("issuer", () -> new Issuer(issuer.replace(TENANT, "tenant")));
    var prototype = Profile.read(members, one);
    if (prototype.requests().revocation() != null) throw unbound(members, "requests.revocation");
    if (prototype.account() != null && prototype.account().url() != null) throw unbound(members, "account.url");
    return new ProfileFamily(issuer, form, prototype);
  }

  private static ProfileFault unbound(ProfileMembers members, String name) {
    return members.fault(name, "is never for issuers at which anyone can get a tenant");
  }

  /**
   * The profile of this issuer, if the issuer belongs to one of the tenants. The profile has the spelling of the file,
   * which may have one trailing slash more or less.
   */
  Optional<Profile> of(Issuer tenant) {
    // With two slashes at its end, a tenant is no spelling of the one with one slash.
    return tenant.spellings().stream()
        .filter(spelled -> form.matcher(spelled.value()).matches() && spelled.means(tenant)).findFirst()
        .map(prototype::at);
  }

  /** Whether an issuer may be a tenant's of both. */
  boolean overlaps(ProfileFamily other) {
    return of(other.prototype.issuer()).isPresent() || other.of(prototype.issuer()).isPresent();
  }

  private static Pattern form(String issuer) {
    int at = issuer.indexOf(TENANT);
    String before = issuer.substring(0, at);
    String after = issuer.substring(at + TENANT.length());
    boolean inHost = issuer.startsWith(IN_HOST);
    // The provider's own name: at least two labels.
    if (inHost && after.replaceFirst("/.*", "").indexOf('.', 1) < 0)
      throw new IllegalArgumentException("has a tenant of any host");
    if (!inHost && !(before.matches("https://[^/{]+/(.*/)?") && (after.isEmpty() || after.startsWith("/"))))
      throw new IllegalArgumentException("must have {tenant} before the host's name, or as a segment of the path");
    if (after.contains(TENANT)) throw new IllegalArgumentException("must have one {tenant}");
    return Pattern.compile(Pattern.quote(before) + (inHost ? LABELS : SEGMENT) + Pattern.quote(after));
  }
}
