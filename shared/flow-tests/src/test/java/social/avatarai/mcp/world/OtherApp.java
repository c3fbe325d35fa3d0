package social.avatarai.mcp.world;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.deadline;
import static social.avatarai.mcp.world.ServerWorld.MCP_ID;
import static social.avatarai.mcp.world.ServerWorld.begun;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Caller;
import social.avatarai.mcp.authorization.AuthorizationStart;
import social.avatarai.mcp.authorization.Callback.Arrival;
import social.avatarai.mcp.authorization.CallbackOutcome;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.lambda.replay.TestPlatform;
import social.avatarai.mcp.server.ServerImport;
import social.avatarai.mcp.token.Tokens;

/**
 * Another app that has connected the user's server before, with the user's own client and stores of its own. Its
 * records, with live tokens in them, are imported here.
 */
public record OtherApp(FlowWorld world) {

  /** The tokens of a new consent, which the other app has got. */
  public Tokens consent() {
    var client = new UsersClient(world);
    client.changeSecret(UsersClient.SECRET);
    try (var platform = new TestPlatform(world.clock)) {
      var flow = platform.wiring().flow();
      flow.putServer(USER, MCP_ID, client.recordWith(UsersClient.SECRET), world.now());
      var begun = begun(flow.connect(USER, MCP_ID, AuthorizationStart.fresh(), world.now()));
      var outcome = flow.callback(new Arrival(world.approve(begun), begun.state(), begun.browser(), false), deadline());
      assertThat(outcome).isInstanceOf(CallbackOutcome.Connected.class);
      return ((CallbackOutcome.Connected) outcome).grant().tokens();
    }
  }

  /** The other app's record of the server, with these tokens. */
  public ObjectNode record(Tokens tokens) {
    var record = new UsersClient(world).recordWith(UsersClient.SECRET).put("mcpId", MCP_ID.value());
    var credentials = record.withObject("/authorization").putObject("credentials")
        .put("access_token", tokens.accessToken().reveal()).put("token_type", "bearer")
        .put("scope", tokens.scope().toString());
    if (tokens.refreshToken() != null) credentials.put("refresh_token", tokens.refreshToken().reveal());
    if (tokens.expiresAt() != null) {
      credentials.put("expires_at", tokens.expiresAt().toString()).put("expires_in",
          Duration.between(tokens.obtainedAt(), tokens.expiresAt()).toSeconds());
    }
    return record;
  }

  /** The record, of a new consent. */
  public ObjectNode record() {
    return record(consent());
  }

  public static ObjectNode credentials(ObjectNode record) {
    return (ObjectNode) record.at("/authorization/credentials");
  }

  /** The record as it is without its secrets. */
  public static ObjectNode withoutSecrets(ObjectNode record) {
    var clean = record.deepCopy();
    clean.withObject("/authorization").remove("credentials");
    ServerWorld.config(clean).remove("client_secret");
    return clean;
  }

  /** The document of these records. */
  public static ObjectNode document(ObjectNode... records) {
    var document = Json.newObject();
    document.putArray("servers").addAll(List.of(records));
    return document;
  }

  /** Imports records for a caller. */
  public List<ServerImport.Result> importAs(Caller caller, ObjectNode... records) {
    return world.flow().importServers(caller, document(records), false, world.now());
  }

  /** Imports one record of the user. */
  public ServerImport.Result importOne(ObjectNode record) {
    return importAs(USER, record).getFirst();
  }

  public static String refreshTokenOf(@Nullable Tokens tokens) {
    return Objects.requireNonNull(Objects.requireNonNull(tokens).refreshToken()).reveal();
  }
}
