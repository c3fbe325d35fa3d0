package social.avatarai.mcp.resource;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.NegotiatedProtocol;

/**
 * The agreements of several requests in a row: each request uses what the one before it has agreed on, whether that is
 * stored or not.
 */
final class HeldAgreements implements Agreements {
  private final Agreements stored;
  private @Nullable NegotiatedProtocol current;
  private boolean isStored = true;

  HeldAgreements(Agreements stored) {
    this.stored = stored;
    this.current = stored.kept();
  }

  @Override
  public @Nullable NegotiatedProtocol kept() {
    return current;
  }

  @Override
  public boolean keep(NegotiatedProtocol agreed) {
    if (agreed.equals(current)) return true;
    isStored = stored.keep(agreed);
    current = agreed;
    return true;
  }

  @Override
  public void forget() {
    current = null;
    isStored = true;
    stored.forget();
  }

  /** What must be ended after the last request, because it is not stored. */
  Optional<NegotiatedProtocol> notStored() {
    return isStored ? Optional.empty() : Optional.ofNullable(current);
  }
}
