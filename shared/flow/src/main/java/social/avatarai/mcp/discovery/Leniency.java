package social.avatarai.mcp.discovery;

/** What a profile, or a setting of the operator, allows beyond the specifications in one flow. */
public enum Leniency {
  /** The operator or a profile binds the issuer to the server, and the server's metadata does not name it. */
  ISSUER_BY_DEPLOYMENT,
  /** The metadata of the issuer is the one in its profile. */
  METADATA_BY_PROFILE,
  /** The published metadata names another issuer, which the profile allows. */
  ISSUER_RENAMED,
  /** Requests to the issuer name no resource. */
  RESOURCE_NOT_SENT,
  /** The audience of the issuer's access tokens is not compared with the resource. */
  AUDIENCE_UNCHECKED
}
