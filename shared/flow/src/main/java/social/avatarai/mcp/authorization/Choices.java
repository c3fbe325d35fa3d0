package social.avatarai.mcp.authorization;

import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.registration.ClientSelector;

/**
 * The clients and scopes that one call has tried, because the authorization server refuses them before a browser is
 * sent. A server that refuses everything must not cause one registration after the other.
 */
final class Choices {
  /**
   * The client that all users share, or one for the user alone; each of them without {@code offline_access}; or a new
   * client in place of a forgotten one.
   */
  private static final int MAX_CHOICES = 4;

  private final Set<Choice> tried = new HashSet<>();
  private boolean clientForgotten;
  private @Nullable Failure last;

  private record Choice(ClientId client, Scopes scope) {}

  /** The last refusal, if this choice was tried before or there were too many. */
  void require(ClientSelector.Chosen chosen, Scopes scope) {
    boolean isNew = tried.add(new Choice(chosen.registration().client().id(), scope));
    if (last != null && (!isNew || tried.size() > MAX_CHOICES)) throw last;
  }

  /** Whether this client may be given up for a new one: once, and not a client that this call has registered. */
  boolean mayForget(ClientSelector.Chosen chosen) {
    return !clientForgotten && !chosen.isNew();
  }

  void noteForgotten(Failure refusal) {
    clientForgotten = true;
    last = refusal;
  }

  void noteRefused(Failure refusal) {
    last = refusal;
  }
}
