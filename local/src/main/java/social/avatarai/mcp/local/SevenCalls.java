package social.avatarai.mcp.local;

/** The guide's seven calls against the demo servers, ready to copy into a shell. */
final class SevenCalls {
  private SevenCalls() {}

  /** The same calls with an introduction, for a terminal. */
  static String toCopy(String base, String mcpUrl, String issuer) {
    return """

        The guide's seven calls, to copy (or all at once: local/guide %s):

        %s""".formatted(mcpUrl, of(base, mcpUrl, issuer));
  }

  static String of(String base, String mcpUrl, String issuer) {
    String api = base + "/api/mcp/oauth";
    return """
        # 1
        curl -s -G %1$s/discover-resource --data-urlencode resource_url=%2$s
        # 2
        curl -s -G %1$s/discover-auth-server --data-urlencode auth_server_url=%3$s
        # 3
        curl -s '%1$s/register-client?registration_url=%3$s/register' -H 'Content-Type: application/json' \\
          -d '{"client_name":"AvatarAI Social MCP Client","redirect_uris":["%1$s/callback"]}'
        CLIENT_ID=…
        # 4
        curl -s -c cookies -G %1$s/start-authorization --data-urlencode auth_server_url=%3$s \\
          --data-urlencode resource=%2$s --data-urlencode "client_id=$CLIENT_ID"
        AUTHORIZATION_URL='…'
        # 5  (or open it in a browser: then call 6 with -d server_id=…, which the page shows)
        curl -s -b cookies -L "$AUTHORIZATION_URL"
        REFRESH_TOKEN=…
        # 6
        curl -s %1$s/refresh-token -d auth_server_url=%3$s \\
          --data-urlencode "client_id=$CLIENT_ID" --data-urlencode "refresh_token=$REFRESH_TOKEN"
        # 7
        curl -s -G %1$s/access-resource --data-urlencode resource_url=%2$s
        curl -s %1$s/access-resource -H 'Content-Type: application/json' -d '{"resource_url":"%2$s","method":"tools/list"}'
        """
        .formatted(api, mcpUrl, issuer);
  }
}
