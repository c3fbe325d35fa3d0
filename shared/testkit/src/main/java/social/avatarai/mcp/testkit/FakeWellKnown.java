package social.avatarai.mcp.testkit;

/**
 * The places where an authorization server may publish its metadata, in the order of requests that the MCP
 * specification demands.
 */
public enum FakeWellKnown {
  /** RFC 8414 §3.1: {@code /.well-known/oauth-authorization-server/tenant1}. */
  OAUTH_INSERTED {
    @Override
    String path(String issuerPath) {
      return "/.well-known/oauth-authorization-server" + issuerPath;
    }
  },
  /** RFC 8414 §5: {@code /.well-known/openid-configuration/tenant1}. */
  OPENID_INSERTED {
    @Override
    String path(String issuerPath) {
      return "/.well-known/openid-configuration" + issuerPath;
    }
  },
  /** OpenID Connect Discovery §4: {@code /tenant1/.well-known/openid-configuration}. */
  OPENID_APPENDED {
    @Override
    String path(String issuerPath) {
      return issuerPath + "/.well-known/openid-configuration";
    }
  };

  abstract String path(String issuerPath);
}
