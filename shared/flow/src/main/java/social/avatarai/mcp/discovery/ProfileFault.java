package social.avatarai.mcp.discovery;

/** A member of a profile that cannot be used. The message begins with the member's path, and is our own text. */
final class ProfileFault extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  ProfileFault(String path, String text) {
    super(path + " " + text);
  }
}
