package social.avatarai.mcp.local;

import social.avatarai.mcp.functions.callback.CallbackHandler;

/**
 * Which paths are open to more than the developer's own programs. Paths are compared as they were sent, not decoded.
 */
interface Entrances {

  /** Whether browsers are sent to this path, by a link or a redirect. */
  boolean isForPeople(String path);

  /** Whether a request that came through a public address may pass. */
  boolean isPublic(String method, String path);

  /** Those of the runner's own pages and the template's routes. */
  record OfTemplate(LocalPages pages, Routes routes) implements Entrances {
    /** Safe without an identity: the completion code is a secret for one use, and names its session. */
    private static final String COMPLETE = "/api/mcp/oauth/complete";

    /** Our pages, and where authorization servers send browsers back to. */
    @Override
    public boolean isForPeople(String path) {
      return pages.isPage(path)
          || routes.find("GET", path).filter(match -> match.handler() instanceof CallbackHandler).isPresent();
    }

    /** What AWS serves without a JWT, our pages and their parts, and the call by which the return page ends a flow. */
    @Override
    public boolean isPublic(String method, String path) {
      return pages.has(method, path) || (method.equals("POST") && path.equals(COMPLETE))
          || routes.find(method, path).filter(match -> match.route().isPublic()).isPresent();
    }
  }
}
