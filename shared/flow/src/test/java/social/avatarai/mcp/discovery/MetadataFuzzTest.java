package social.avatarai.mcp.discovery;

import com.code_intelligence.jazzer.junit.FuzzTest;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.http.Json;

/**
 * Fuzzes metadata from other parties. It is accepted or refused with our own failure, and never causes another
 * exception.
 */
class MetadataFuzzTest {
  private static final EndpointUrl SERVER = new EndpointUrl("https://mcp.example/mcp");
  private static final Issuer ISSUER = new Issuer("https://auth.example");

  @FuzzTest
  void takesOrRefusesResourceMetadata(byte[] bytes) {
    Json.object(bytes).ifPresent(document -> {
      try {
        var metadata = ProtectedResourceMetadata.judge(SERVER, document);
        require(metadata.resource().covers(SERVER), "the resource covers the server");
        require(!metadata.authorizationServers().isEmpty(), "there is an issuer");
      } catch (Failure.ProtocolBroken refused) {
        require(!refused.safeMessage().isEmpty(), "a refusal says why");
      }
    });
  }

  @FuzzTest
  void takesOrRefusesServerMetadata(byte[] bytes) {
    Json.object(bytes).ifPresent(document -> {
      try {
        var metadata = AuthorizationServerMetadata.judge(ISSUER, document);
        require(document.path("issuer").textValue().equals(ISSUER.value()), "it is this issuer's");
        require(metadata.tokenEndpoint().isHttps() || metadata.tokenEndpoint().isLoopback(),
            "no endpoint is plain http");
      } catch (Failure.ProtocolBroken refused) {
        require(!refused.safeMessage().isEmpty(), "a refusal says why");
      }
    });
  }

  private static void require(boolean holds, String claim) {
    if (!holds) throw new AssertionError("broken: " + claim);
  }
}
