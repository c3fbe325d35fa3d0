package social.avatarai.mcp.local;

import social.avatarai.mcp.functions.callback.CallbackHandler;

/** Which paths are open to more than the developer's own programs. A path is compared as it was sent, not decoded. */
interface Entrances {

  /** Whether links or redirects send browsers to this path. */
  boolean isForPeople(String path);

  /** Whether a request that came through a public address may pass. */
  boolean isPublic(String method, String path);

  /** The paths of the runner's own pages and of the template's routes. */
  record OfTemplate(LocalPages pages, Routes routes) implements Entrances {
    /** This call is safe without an identity: the completion code is a secret for one use, and names its session. */
    private static final String COMPLETE = "/api/mcp/oauth/complete";

    /** Our pages, and the callback, to which authorization servers send browsers back. */
    @Override
    public boolean isForPeople(String path) {
      return pages.isPage(path)
          || routes.find("GET", path).filter(match -> match.handler() instanceof CallbackHandler).isPresent();
    }

    /**
     * The routes that AWS serves without a JWT, our pages with their parts, and the call by which the return page ends
     * a flow.
     */
    @Override
    public boolean isPublic(String method, String path) {
      return pages.has(method, path) || (method.equals("POST") && path.equals(COMPLETE))
          || routes.find(method, path).filter(match -> match.route().isPublic()).isPresent();
    }
  }
}
