package social.avatarai.mcp.authorization;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.InvocationSecrets;
import social.avatarai.mcp.Issuer;

/**
 * The authorization servers of a resource that cannot be used for a flow, with the reason of each.
 *
 * <p>Only a reason that holds at every start counts: no metadata, no S256, no way to a client, a closed registration, or
 * an address or an issuer that this deployment refuses. After a failed check or an outage no other authorization server
 * is used, because an attacker or an outage would then decide which one it is.
 */
final class UnusableIssuers {
  /** Characters of an issuer in an error. */
  private static final int MAX_SHOWN = 150;

  /** The statuses of a registration endpoint that registers nothing for strangers. */
  private static final Set<Integer> CLOSED = Set.of(401, 403, 404, 405, 410);

  private final List<Refused> all = new ArrayList<>();

  private record Refused(Issuer issuer, Failure failure) {

    /** An issuer is foreign text: it is a URL without a query, quoted and cut. */
    private String shown() {
      String value = issuer.value();
      String text = InvocationSecrets.isIn(value)
          ? "***"
          : value.length() > MAX_SHOWN ? value.substring(0, MAX_SHOWN) + "…" : value;
      return "\"" + text + "\": " + failure.safeMessage();
    }
  }

  /** Notes an authorization server that cannot be used; throws the failure if the server may be usable another time. */
  void add(Issuer issuer, Failure failure) {
    switch (failure.code()) {
      case ISSUER_METADATA_NOT_FOUND, PKCE_UNSUPPORTED, CLIENT_REQUIRED, FOREIGN_ISSUER, BLOCKED_URL ->
        all.add(new Refused(issuer, failure));
      case REGISTRATION_REFUSED -> {
        if (failure.upstreamStatus().filter(CLOSED::contains).isEmpty()) throw failure;
        all.add(new Refused(issuer, failure));
      }
      default -> throw failure;
    }
  }

  /**
   * The failure that names all of them. Where a client would help at one of them, the failure says so by its code: that
   * is something the user can do. Otherwise the code is that of the first one.
   */
  Failure failure() {
    var telling = all.stream().map(Refused::failure).filter(failure -> failure.code() == ErrorCode.CLIENT_REQUIRED)
        .findFirst().orElse(all.getFirst().failure());
    if (all.size() == 1) return telling;
    // More of them are not tried.
    String which = all.size() > IssuerPin.MAX_OTHERS ? "the first " + all.size() : "the";
    String message = "None of " + which + " authorization servers that the resource's metadata names can be used. "
        + String.join(" ", all.stream().map(Refused::shown).toList());
    return saying(telling, message).withUpstreamStatus(telling.upstreamStatus().orElse(null));
  }

  private static Failure saying(Failure failure, String message) {
    return switch (failure) {
      case Failure.Unknown _ -> new Failure.Unknown(failure.code(), message);
      case Failure.BadRequest _ -> new Failure.BadRequest(failure.code(), message);
      case Failure.ProtocolBroken _ -> new Failure.ProtocolBroken(failure.code(), message, failure.detail());
      default -> new Failure.Refused(failure.code(), message, failure.detail());
    };
  }
}
