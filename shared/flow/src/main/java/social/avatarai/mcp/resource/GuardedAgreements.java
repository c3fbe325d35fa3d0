package social.avatarai.mcp.resource;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.NegotiatedProtocol;

/**
 * Agreements whose store may fail. The server has responded by then, so a failure of the store is noted, and the
 * response still reaches the caller. Otherwise the caller would send a request again that was carried out.
 *
 * @param stored the agreements
 * @param server the server that they are about
 * @param journal where a failure is noted
 */
record GuardedAgreements(Agreements stored, EndpointUrl server, Journal journal) implements Agreements {

  @Override
  public @Nullable NegotiatedProtocol kept() {
    return stored.kept();
  }

  @Override
  public boolean keep(NegotiatedProtocol agreed) {
    try {
      return stored.keep(agreed);
    } catch (RuntimeException e) {
      note(e);
      return false;
    }
  }

  @Override
  public void forget() {
    try {
      stored.forget();
    } catch (RuntimeException e) {
      note(e);
    }
  }

  private void note(RuntimeException fault) {
    journal.write("agreement_not_stored", Map.of("server", server.origin(), "detail",
        fault instanceof Failure failure ? failure.detail() : fault.getClass().getName()));
  }
}
