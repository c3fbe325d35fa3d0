package social.avatarai.mcp.local;

import java.util.Locale;

/** Why {@link LocalGuard} refuses a request. */
enum LocalRefusal {
  FOREIGN_HOST("The Host header does not name this service. Use %s."), PUBLIC_ADDRESS(
      "The request came through a public address or a proxy, and the local runner does not check who calls. Through such"
          + " an address it serves its pages, the callback, the client metadata and the keys. Call the API at the"
          + " http://localhost address of this machine."), FOREIGN_ORIGIN(
              "A page of another origin made this request. If the page is yours, list its origin in CORS_ORIGINS."), FOREIGN_SITE(
                  "A page of another site made this request. Such a page can only send the browser itself here, by a link"
                      + " or a redirect, and only to a page for people. If the page is yours, list its origin in CORS_ORIGINS and call"
                      + " with CORS.");

  private final String description;

  LocalRefusal(String description) {
    this.description = description;
  }

  /** The word in the log and in the response. */
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * What happened, and what the caller can do.
   *
   * @param base the address of this service
   */
  String description(String base) {
    return description.formatted(base);
  }
}
