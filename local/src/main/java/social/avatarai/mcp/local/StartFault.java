package social.avatarai.mcp.local;

import java.io.Serial;

/** Why the local runner cannot start: one sentence that says what to do, and contains no foreign text. */
final class StartFault extends RuntimeException {
  @Serial
  private static final long serialVersionUID = 1;

  StartFault(String sentence) {
    super(sentence, null, false, false);
  }

  String sentence() {
    return String.valueOf(getMessage());
  }
}
