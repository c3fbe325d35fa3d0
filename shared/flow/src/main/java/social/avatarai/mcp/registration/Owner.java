package social.avatarai.mcp.registration;

import social.avatarai.mcp.UserId;

/**
 * The owner of a client registration: the deployment, whose registrations serve all users, or one user.
 *
 * @param key {@code d#}, or {@code u#} and the user: the partition key of the owner's registrations
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
