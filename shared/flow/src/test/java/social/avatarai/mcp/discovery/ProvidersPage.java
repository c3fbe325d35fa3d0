package social.avatarai.mcp.discovery;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Writes {@code docs/providers.md} from the files of the profiles. */
final class ProvidersPage {
  /** What a member means, in the order of the page. The same, with more words, is in the Javadoc of the records. */
  static final Map<String, String> MEMBERS = members();

  private static final String HEAD = """
      # Providers

      With this page you find what the service knows about a provider, write a profile of your own, and give the service a client that you registered by hand.

      Contents

      - [What a profile may say](#what-a-profile-may-say)
      - [Servers of your own at a reserved issuer](#servers-of-your-own-at-a-reserved-issuer)
      - [Profiles of your own](#profiles-of-your-own)
      - [Clients of your own](#clients-of-your-own)
      - [Each provider](#each-provider)

      A provider that keeps to the specifications needs no profile.
      A profile says how one provider differs, and it belongs to an issuer.
      The code never asks which provider a server belongs to.
      If a profile opens something beyond the specifications, each connection shows it as a warning.

      {profiles}

      This page is made from the files in `shared/flow/src/main/resources/profiles`.
      Do not edit it: `ProvidersPageTest` compares it with the files, and says how to make it again.

      ## What a profile may say

      A profile is one JSON object in a file.
      A member that is unknown, or has another type, is a fault that names the profile and the member.
      Nothing of a faulty profile is used.

      | member | meaning |
      |---|---|
      {members}

      ## Servers of your own at a reserved issuer

      A profile reserves its issuer if it has `resource_origins`, `metadata`, `audience_unchecked` or `requests.names_resource`: `false`.
      Then a server of another origin gets 400 `issuer_not_bound`, although its metadata names the issuer.
      There are two ways to connect such a server:

      - You bind the issuer to the server, for all users, with the setting `ISSUER_BINDINGS` (on AWS, the parameter `IssuerBindings`).
      - A user binds it for one record: `authorization.config` names `issuer`, and the `client_id` of a client that the user has registered there.
        The connection then shows the warning `issuer_by_record`, and a client of yours is never used.

      ```sh
      ISSUER_BINDINGS=https://mcp.example.com=https://accounts.google.com,https://mcp.example.org=https://login.microsoftonline.com/TENANT/v2.0
      ```

      ## Profiles of your own

      The setting `PROVIDER_PROFILES` is a JSON object of profiles by name.
      On AWS, it is the parameter `ProviderProfiles`.
      `local/run` also reads a file that `PROVIDER_PROFILES_FILE` names.
      A name of your own adds a profile:

      ```json
      {"acme": {"issuer": "https://auth.acme.example", "resource_origins": ["https://mcp.acme.example"], "pkce_assumed": true}}
      ```

      A name of this page changes that profile (JSON Merge Patch, RFC 7396):

      - Your members replace the members of the profile.
      - A member that is `null` removes this member from the profile.
      - A profile that is `null` is removed.
      - The issuer of a profile stays.

      Two profiles cannot have the same issuer, origin, server id, tenants or `client_settings`.
      If the setting has a fault, no function starts until it is repaired: calls end with 500, and the log of the functions names the profile and the member.
      `local/run` does not start either, and it also names the file.

      The setting is a variable of each function, so it needs no right and no call.
      Lambda gives all variables of a function 4 KB together, and the other variables of this service take about half of that.
      Leave `title`, `notes` and `sources` out of the setting.
      If you need more space, put files beside those of the product, and build.

      ## Clients of your own

      Some providers register no clients by themselves.
      Register one there by hand, and give the client to this service.
      The redirect URI to register is the one that `GET /api/mcp/oauth/redirect-uri` names for the issuer: `plain_redirect_uri` where `plain_callback` is true, otherwise `redirect_uri`.
      The first table of this page has the `PREFIX` of each provider.

      | setting | meaning |
      |---|---|
      | `PREFIX_CLIENT_ID` | the client's identifier. Without it, there is no client |
      | `PREFIX_CLIENT_SECRET_NAME` | the name of its secret in Secrets Manager, below `STACK/operator-client/`; without one the client is public. `local/run` takes the secret itself, as `PREFIX_CLIENT_SECRET` |
      | `PREFIX_ISSUER` | the tenant's issuer, where the profile is for all tenants of a provider |
      | `PREFIX_REDIRECT_URI` | which redirect URI of this deployment is registered; by default the shared one if the profile has `plain_callback`, otherwise the issuer's own. Another one is a fault of the settings |
      | `PREFIX_TOKEN_ENDPOINT_AUTH_METHOD` | how the client authenticates; by default as the profile says, then as the metadata says |

      Your client is used for a server only if the profile of its issuer names the server's origin in `resource_origins`, or if `ISSUER_BINDINGS` binds the issuer to that origin.
      The metadata of a server is not enough: a stranger's server could name your issuer, and your users would consent to your client.
      A profile for all tenants of a provider names no origins, so a client there needs a binding:

      ```sh
      # McpClients=MCP_AUTH0_CLIENT_ID=1234,MCP_AUTH0_ISSUER=https://acme.eu.auth0.com/
      # IssuerBindings=https://mcp.acme.example=https://acme.eu.auth0.com/
      ```

      On AWS, GitHub, X and Notion have parameters of their own.
      All other clients stand in the parameter `McpClients`, as `name=value` pairs with commas between them.
      Put no secret there.
      Create each secret with the key of the stack, under a name that the functions may read:

      ```sh
      aws secretsmanager create-secret --name STACK/operator-client/slack --kms-key-id alias/STACK --secret-string file://secret
      # McpClients=MCP_SLACK_CLIENT_ID=1234.5678,MCP_SLACK_CLIENT_SECRET_NAME=STACK/operator-client/slack
      ```
      """;

  private final Map<String, ObjectNode> documents;

  ProvidersPage(Map<String, ObjectNode> documents) {
    this.documents = new TreeMap<>(documents);
  }

  String text() {
    var meanings = new ArrayList<String>();
    MEMBERS.forEach((member, meaning) -> meanings.add("| `" + member + "` | " + meaning + " |"));
    var page = new StringBuilder(
        HEAD.replace("{profiles}", overview()).replace("{members}", String.join("\n", meanings)));
    page.append("\n## Each provider\n");
    documents.forEach((name, document) -> page.append(section(name, document)));
    return page.toString();
  }

  private String overview() {
    var rows = new ArrayList<>(
        List.of("| profile | provider | issuer | `PREFIX` of your own client |", "|---|---|---|---|"));
    documents
        .forEach((name, document) -> rows.add("| [`" + name + "`](#" + name + ") | " + document.path("title").asText()
            + " | `" + document.path("issuer").asText() + "` | `" + prefix(name, document) + "` |"));
    return String.join("\n", rows);
  }

  private static String prefix(String name, ObjectNode document) {
    return document.path("client_settings").asText("MCP_" + name.toUpperCase(Locale.ROOT).replace('-', '_'));
  }

  private static String section(String name, ObjectNode document) {
    var section = new StringBuilder("\n### " + name + "\n\n" + document.path("title").asText() + ".");
    document.path("notes").forEach(note -> section.append('\n').append(note.asText()));
    section.append("\n\n| member | value | source |\n|---|---|---|\n");
    said(document).forEach((member, value) -> section.append("| `").append(member).append("` | `").append(value)
        .append("` | ").append(sources(document.path("sources").path(member))).append(" |\n"));
    if (!document.has("account"))
      section.append("| `account` | not known; an ID token or a UserInfo endpoint is read where there is one | – |\n");
    return section.toString();
  }

  /** The members of a profile by their paths, as the sources name them, in the order of the page. */
  static Map<String, JsonNode> said(ObjectNode document) {
    var said = new LinkedHashMap<String, JsonNode>();
    MEMBERS.keySet().forEach(member -> Optional.of(document.at("/" + member.replace('.', '/')))
        .filter(value -> !value.isMissingNode()).ifPresent(value -> said.put(member, value)));
    return said;
  }

  private static String sources(JsonNode sources) {
    if (sources.isMissingNode()) return "a decision of this product";
    var pages = sources.isArray() ? sources.valueStream().toList() : List.of(sources);
    return String.join("<br>", pages.stream().map(page -> "<" + page.asText() + ">").toList());
  }

  private static Map<String, String> members() {
    var members = new LinkedHashMap<String, String>();
    members.put("issuer",
        "required. It matches the published one with or without one trailing slash. With `{tenant}` in it, before the host's name or as a segment of the path, the profile is for the issuers of all tenants. Such a profile has no `plain_callback`, `resource_origins`, `metadata`, `server_ids`, `published_issuer`, `requests.revocation` or `account.url`: anyone can get a tenant");
    members.put("resource_origins",
        "the issuer serves resources of these origins alone. A server there that publishes no resource metadata belongs to the issuer, and so does every server there if the profile has `metadata`. Elsewhere the metadata of the server counts, because a provider may move; of several issuers in it, the one of the profile comes first. `ISSUER_BINDINGS` adds to all of this. Where the server does not name the issuer as the issuer publishes itself, the warning is `issuer_by_deployment`");
    members.put("published_issuer",
        "the one other issuer, on the same site, that the issuer's metadata may name. Warning `issuer_renamed`");
    members.put("metadata",
        "authorization server metadata (RFC 8414), for a provider that publishes none; nothing is fetched then. Warning `metadata_by_profile`");
    members.put("pkce_assumed", "S256 works, although the metadata does not say so. Warning `pkce_not_advertised`");
    members.put("audience_unchecked",
        "JWT access tokens name an audience that is not the resource. Warning `audience_unchecked`");
    members.put("plain_callback",
        "clients that were registered by hand use the redirect URI that issuers share. Warning `shared_callback`");
    members.put("token_endpoint_auth_method", "how clients that were registered by hand authenticate");
    members.put("client_settings",
        "the prefix of the settings for a client of your own; by default `MCP_` and the profile's name");
    members.put("server_ids", "`mcpId`s of records that mean this provider where they name no issuer");
    members.put("scope_separator", "`,` if responses separate scopes with commas");
    members.put("refresh_names_scope", "a refresh must name the granted scopes");
    members.put("second_consent_gives_no_refresh_token",
        "a second consent brings no refresh token, and the first one's stays valid");
    members.put("dead_refresh_token_errors",
        "error words for a dead refresh token, beside those known everywhere; an object has the `error_description` that must stand beside the word");
    members.put("requests.authorization",
        "parameters of the authorization request, such as `owner`, `audience`, `prompt` and `access_type`, never one of ours. `{resource}` stands for the resource");
    members.put("requests.names_resource",
        "`false`: requests carry no `resource`, and no server's metadata can name the issuer. Warning `resource_not_sent`");
    members.put("requests.json_token_requests", "token requests are JSON");
    members.put("requests.headers",
        "headers of token and revocation requests; never `Authorization` or `Content-Type`");
    members.put("requests.code_life_seconds", "how long a code lives; a parked one is dropped then");
    members.put("requests.refreshed_when_refused", "a token whose life is not said is used until it is refused");
    members.put("requests.added_scopes",
        "scopes that are requested beside the others, where any are requested: for a refresh token, or so that the account is named");
    members.put("requests.revocation",
        "a revocation that is not RFC 7009: `method`, `url` (`{client_id}` in it), `token` (which kind is taken), `member` (where it stands), `body` (`json` or `form`), `client` (`basic`, `body` or `none`), `headers`");
    members.put("responses.tokens_in", "the one member of a token response that may hold the tokens");
    members.put("responses.token_types", "words that mean Bearer");
    members.put("responses.access_token_life_seconds", "how long an access token lives if its response does not say");
    members.put("account",
        "where the account is: `from` (`id_token`, `token_response` or `userinfo` with a `url`), `id` and `label`, each a JSON Pointer or a list of them. Several members together are one identifier, or one label");
    return Collections.unmodifiableMap(members);
  }
}
