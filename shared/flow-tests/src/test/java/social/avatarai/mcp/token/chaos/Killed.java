package social.avatarai.mcp.token.chaos;

/** The process died. No code of the process may run after this, so it is an error that nothing catches. */
final class Killed extends Error {
  private static final long serialVersionUID = 1;

  Killed() {
    super("the process died", null, false, false);
  }
}
