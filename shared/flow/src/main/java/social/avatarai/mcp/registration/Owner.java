package social.avatarai.mcp.registration;

import social.avatarai.mcp.UserId;

/**
 * Whose a client registration is: the deployment's, for everyone, or one user's, for that user alone.
 *
 * @param key {@code d#}, or {@code u#} and the user: the partition key of what the owner has
 */
public record Owner(String key) {
  private static final Owner DEPLOYMENT = new Owner("d#");

  public static Owner deployment() {
    return DEPLOYMENT;
  }

  public static Owner of(UserId user) {
    return new Owner("u#" + user);
  }

  public boolean isDeployment() { return key.equals(DEPLOYMENT.key); }
}
