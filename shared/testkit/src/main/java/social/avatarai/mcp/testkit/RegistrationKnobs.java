package social.avatarai.mcp.testkit;

import java.util.List;
import java.util.Set;
import social.avatarai.mcp.Unguessable;

/** How a provider's registration of clients differs from RFC 7591. A part of {@link ProviderKnobs}. */
public final class RegistrationKnobs {
  private List<String> demanded = List.of();
  Set<String> named = Set.of();
  boolean secretForPublicClients;
  private int idLength;
  private int secretLength;

  RegistrationKnobs() {}

  /** A registration without one of these members is refused with {@code invalid_request}. */
  public RegistrationKnobs demand(String... members) {
    demanded = List.of(members);
    return this;
  }

  /** The response names these members only. */
  public RegistrationKnobs name(String... members) {
    named = Set.of(members);
    return this;
  }

  /** The response has a secret for a client that authenticates by {@code none}, too. */
  public RegistrationKnobs secretForPublicClients() {
    secretForPublicClients = true;
    return this;
  }

  /** How many characters ids and secrets have. */
  public RegistrationKnobs lengths(int ofIds, int ofSecrets) {
    idLength = ofIds;
    secretLength = ofSecrets;
    return this;
  }

  void require(Received request) {
    for (String member : demanded)
      if (request.json().path(member).isMissingNode()) throw Refusal.invalidRequest(member + " is missing");
  }

  String newId() {
    return cut("client-", idLength);
  }

  String newSecret() {
    return cut("secret-", secretLength);
  }

  private static String cut(String prefix, int length) {
    String text = Unguessable.text();
    return length == 0 ? prefix + text : text.substring(0, length);
  }
}
