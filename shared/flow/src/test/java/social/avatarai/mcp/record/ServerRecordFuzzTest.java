package social.avatarai.mcp.record;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.discovery.Profiles;
import social.avatarai.mcp.http.Json;

/** Every record that a user sends is accepted, or refused with a failure of ours. No other exception is thrown. */
class ServerRecordFuzzTest {
  private static final ConnectionKey KEY = new ConnectionKey(new UserId("user-one"),
      new ConnectionId("invented-server"));

  @FuzzTest
  void takesOrRefusesARecord(byte[] bytes) {
    Json.object(bytes).ifPresent(body -> {
      try {
        var record = ServerRecord.read(KEY, body, new Profiles(List.of()));
        require(record.url().isHttps() || record.url().isLoopback(), "no server is at plain http");
        require(record.document().at("/authorization/config/client_secret").isMissingNode(), "no secret is kept");
        require(record.client().id() == null || record.client().issuer() != null, "a client has its issuer");
      } catch (Failure.BadRequest | Failure.NotPermitted refused) {
        require(!refused.safeMessage().isEmpty(), "a refusal says why");
      }
    });
  }

  private static void require(boolean holds, String claim) {
    if (!holds) throw new AssertionError("broken: " + claim);
  }
}
