package social.avatarai.mcp.resource;

import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.NegotiatedProtocol;

/**
 * What was agreed on with a server before a call, and what becomes of it. The server may have forgotten all of it, and
 * may say so in any way. So each call may forget the agreement, and the next call then begins without it.
 */
public interface Agreements {

  /** Nothing is kept: what a call agrees on ends with the call. */
  Agreements NONE = unchanging(null);

  /** What was agreed on before; null to agree first. */
  @Nullable
  NegotiatedProtocol kept();

  /**
   * Keeps what this call has agreed on. Costs nothing if it is what was kept.
   *
   * @return whether it is kept. If not, the call must end it
   */
  boolean keep(NegotiatedProtocol agreed);

  /** Forgets what was kept before this call. What another call has agreed on since then stays. */
  void forget();

  /** For a request with an agreement of its own: what is kept stays, and nothing else is kept. */
  default Agreements besides() {
    return unchanging(kept());
  }

  private static Agreements unchanging(@Nullable NegotiatedProtocol kept) {
    return new Agreements() {
      @Override
      public @Nullable NegotiatedProtocol kept() {
        return kept;
      }

      @Override
      public boolean keep(NegotiatedProtocol agreed) {
        return false;
      }

      @Override
      public void forget() {}
    };
  }
}
