package social.avatarai.mcp.discovery;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.InvocationSecrets;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.JsonText;

/**
 * Caches public metadata in memory by full URL. The cache has no per-user data, no query of a user's URL, because it may
 * hold a key, and at most {@value #MAX_DOCUMENTS} documents. An entry lives at most an hour, whatever the server's headers say.
 */
public final class MetadataCache {
  private static final Duration LIFE = Duration.ofHours(1);
  private static final int MAX_DOCUMENTS = 500;
  /** Calls that fail because of what is remembered must not make a process ask a server over and over. */
  private static final Duration BETWEEN_REREADS = Duration.ofMinutes(1);
  /** Larger documents are fetched each time, because another party's documents must not fill the shared memory. */
  private static final int MAX_CHARACTERS = 32 * 1024;

  private final Clock clock;
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private final Map<String, Instant> reread = new LinkedHashMap<>();

  public MetadataCache(Clock clock) {
    this.clock = clock;
  }

  private record Entry(Object document, Instant until) {}

  Optional<DiscoveredResource> resource(EndpointUrl server) {
    return find("resource " + server.memoryKey(), DiscoveredResource.class).map(found -> new DiscoveredResource(server,
        found.metadata(), found.found(), withQueryOf(server, found.metadataUrl()), found.challengedScope()));
  }

  Optional<DiscoveredServer> server(Issuer issuer) {
    return find("issuer " + issuer, DiscoveredServer.class);
  }

  void keep(DiscoveredResource resource) {
    if (isKept(resource.metadata().document()))
      put("resource " + resource.server().memoryKey(),
          new DiscoveredResource(resource.server().withoutQuery(), resource.metadata(), resource.found(),
              withoutQueryOf(resource.server(), resource.metadataUrl()), resource.challengedScope()));
  }

  /** RFC 9728 §3.1: the URL of the metadata has the query of the server's URL. */
  private static EndpointUrl withoutQueryOf(EndpointUrl server, EndpointUrl metadataUrl) {
    boolean isShared = !server.queryPart().isEmpty() && metadataUrl.queryPart().equals(server.queryPart());
    return isShared ? metadataUrl.withQueryPart(EndpointUrl.HIDDEN_QUERY) : metadataUrl;
  }

  private static EndpointUrl withQueryOf(EndpointUrl server, EndpointUrl metadataUrl) {
    return metadataUrl.isRedacted() ? metadataUrl.withQueryPart(server.queryPart()) : metadataUrl;
  }

  void keep(DiscoveredServer server) {
    if (isKept(server.metadata().document())) put("issuer " + server.metadata().issuer(), server);
  }

  /**
   * Removes a server and its issuers. The entry of an issuer may be newer than that of the server, and so live longer.
   * Which issuers it names is the server's own word, so an issuer that was read again in the last minute stays.
   */
  synchronized void forget(EndpointUrl server) {
    var forgotten = entries.remove("resource " + server.memoryKey());
    if (forgotten != null && forgotten.document() instanceof DiscoveredResource resource) {
      resource.issuers().stream().map(issuer -> "issuer " + issuer).filter(this::mayReread).forEach(entries::remove);
    }
  }

  /** Removes a server, and none of its issuers. True if it was there and was not removed so in the last minute. */
  synchronized boolean forgetAlone(EndpointUrl server) {
    String key = "resource " + server.memoryKey();
    return entries.containsKey(key) && mayReread(key) && entries.remove(key) != null;
  }

  /** Whether an issuer's remembered metadata may be read again now: once a minute. */
  synchronized boolean mayReread(Issuer issuer) {
    return mayReread("issuer " + issuer);
  }

  private boolean mayReread(String key) {
    var now = clock.instant();
    var before = reread.get(key);
    if (before != null && now.isBefore(before.plus(BETWEEN_REREADS))) return false;
    reread.remove(key);
    if (reread.size() >= MAX_DOCUMENTS) reread.remove(reread.keySet().iterator().next());
    reread.put(key, now);
    return true;
  }

  /**
   * A document with a secret of this invocation is for this invocation alone. Scopes with the secret were left out when
   * the document was read, and the secret must not stay in memory.
   */
  private static boolean isKept(ObjectNode document) {
    String text = JsonText.of(document);
    return text.length() <= MAX_CHARACTERS && !InvocationSecrets.isIn(text);
  }

  private synchronized <T> Optional<T> find(String key, Class<T> type) {
    entries.values().removeIf(entry -> !clock.instant().isBefore(entry.until()));
    return Optional.ofNullable(entries.get(key)).map(entry -> type.cast(entry.document()));
  }

  private synchronized void put(String key, Object document) {
    entries.remove(key);
    if (entries.size() >= MAX_DOCUMENTS) entries.remove(entries.keySet().iterator().next());
    entries.put(key, new Entry(document, clock.instant().plus(LIFE)));
  }
}
