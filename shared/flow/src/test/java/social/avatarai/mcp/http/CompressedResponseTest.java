package social.avatarai.mcp.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.http.SalvagedJson.Fault;

/** Compressed and broken responses through the door, although it asks for no coding. */
class CompressedResponseTest {
  private static final String TEXT = "{\"access_token\":\"a\",\"refresh_token\":\"r\"}";
  private static final ObjectNode PAIR = Json.newObject().put("access_token", "a").put("refresh_token", "r");

  private final OutboundDoor door = new OutboundDoor(AddressPolicy.withLoopback());

  @AfterEach
  void close() {
    door.close();
  }

  @Test
  void everyRequestThatMayHaveChangedSomethingHasItsResponseDecoded() throws IOException {
    List<Function<EndpointUrl, OutboundRequest>> requests = List.of(url -> OutboundRequest.form(url, Map.of()),
        url -> OutboundRequest.json(url, Json.newObject()), OutboundRequest::delete, OutboundRequest::eventStream,
        url -> OutboundRequest.json(url, Json.newObject()).within(100, Duration.ofSeconds(5)).closingConnection());
    try (var server = gzipped(latin(DecodedBodyTest.gzip(TEXT)))) {
      for (var request : requests) {
        assertThat(send(request.apply(server.url("/"))).salvaged())
            .isEqualTo(new SalvagedJson.Value(PAIR, Set.of(Fault.CONTENT_CODING)));
      }
      assertThat(server.requests()).allSatisfy(sent -> assertThat(sent).contains("Accept-Encoding: identity\r\n"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"issuer\":\"https://auth.example\"}",
      "{\"issuer\":\"https://auth.example\",\"a\":1,\"a\":1}"})
  void aCompressedMetadataDocumentIsJudgedAsOneThatIsNot(String document) throws IOException {
    try (var plain = LoopbackServer.responding("200 OK", "", document);
        var server = gzipped(latin(DecodedBodyTest.gzip(document)))) {
      assertThat(send(OutboundRequest.document(server.url("/"))).object())
          .isEqualTo(send(OutboundRequest.document(plain.url("/"))).object())
          .matches(read -> read.isPresent() == !document.contains("\"a\""), "a name twice refuses it");
    }
  }

  /** The bug: a server whose 404 pages are compressed could not be found to have no metadata. */
  @Test
  void aCompressedPageHidesNoStatus() throws IOException {
    try (var server = LoopbackServer.responding("404 Not Found", "Content-Encoding: gzip\n",
        latin(DecodedBodyTest.gzip("<h1>no</h1>")))) {
      assertThat(send(OutboundRequest.document(server.url("/"))).status()).isEqualTo(404);
    }
  }

  @Test
  void aCompressedMetadataDocumentHasTheLimitsOfAnyOther() throws IOException {
    String large = "{\"a\":\"" + "a".repeat(OutboundRequest.MAX_DOCUMENT_BYTES) + "\"}";
    try (var server = gzipped(latin(DecodedBodyTest.gzip(large)))) {
      assertThat(catchThrowableOfType(Failure.ProtocolBroken.class,
          () -> send(OutboundRequest.document(server.url("/")))))
          .hasMessageContaining("over " + OutboundRequest.MAX_DOCUMENT_BYTES + " bytes");
    }
  }

  @Test
  void aCompressedMetadataDocumentWithoutItsEndIsRefused() throws IOException {
    byte[] whole = DecodedBodyTest.gzip(TEXT);
    try (var server = gzipped(latin(Arrays.copyOf(whole, whole.length - 6)))) {
      assertThat(catchThrowableOfType(Failure.Unreachable.class,
          () -> send(OutboundRequest.document(server.url("/"))))).isNotNull();
    }
  }

  @Test
  void aDamagedCodingLeavesTheOutcomeUnknownAndSaysWhy() throws IOException {
    byte[] body = DecodedBodyTest.gzip(TEXT);
    body[10] = 7; // RFC 1951 §3.2.3: no such type of a block
    try (var server = gzipped(latin(body))) {
      var failure = catchThrowableOfType(Failure.Unreachable.class, () -> send(form(server)));
      assertThat(failure.mayHaveArrived()).isTrue();
      assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_UPSTREAM_ANSWER);
      assertThat(failure.upstreamStatus()).hasValue(200);
      assertThat(failure.safeMessage()).contains("compressed and damaged", "may have carried out");
      assertThat(failure.detail()).doesNotContain("access_token");
    }
  }

  @Test
  void aDamagedBodyDoesNotHideTheStatusWhereTheStatusSaysItAll() throws IOException {
    try (var server = gzipped("\u001f\u008bno gzip at all")) {
      assertThat(door.<Integer>exchange(OutboundRequest.delete(server.url("/")), soon(), (head, _) -> head.status()))
          .isEqualTo(200);
    }
  }

  /** The bug's neighbour: a proxy compresses, and leaves the length of the text that it compressed. */
  @ParameterizedTest
  @ValueSource(strings = {"Content-Length: 500", "Transfer-Encoding: chunked"})
  void aWholeObjectIsTakenThoughTheEndOfTheResponseIsMissing(String framing) {
    String body = framing.endsWith("chunked") ? Integer.toHexString(TEXT.length()) + "\r\n" + TEXT + "\r\n" : TEXT;
    try (var server = cutOff(framing, body)) {
      assertThat(send(form(server)).salvaged())
          .isEqualTo(new SalvagedJson.Value(PAIR, Set.of(Fault.NO_END)));
    }
  }

  @Test
  void aWholeObjectIsTakenThoughTheChecksumBehindItIsMissing() throws IOException {
    byte[] whole = DecodedBodyTest.gzip(TEXT);
    try (var server = gzipped(latin(Arrays.copyOf(whole, whole.length - 6)))) {
      assertThat(send(form(server)).salvaged().object()).hasValue(PAIR);
    }
  }

  /** Half of a token is a token too: a form says nowhere that it ends. */
  @ParameterizedTest
  @ValueSource(strings = {"access_token=abc", "{\"access_token\":\"a\"", "", "[1]", "null"})
  void nothingElseIsTakenWithoutTheEndOfTheResponse(String body) {
    try (var server = cutOff("Content-Length: 500", body)) {
      var failure = catchThrowableOfType(Failure.Unreachable.class, () -> send(form(server)));
      assertThat(failure.mayHaveArrived()).isTrue();
    }
  }

  @Test
  void aMetadataDocumentWithoutItsEndIsRefused() {
    try (var server = cutOff("Content-Length: 500", TEXT)) {
      assertThat(catchThrowableOfType(Failure.Unreachable.class,
          () -> send(OutboundRequest.document(server.url("/"))))).isNotNull();
    }
  }

  private HttpResponse send(OutboundRequest request) {
    return door.exchange(request, soon());
  }

  private static OutboundRequest form(LoopbackServer server) {
    return OutboundRequest.form(server.url("/token"), Map.of("grant_type", "refresh_token"));
  }

  private static LoopbackServer gzipped(String body) {
    return LoopbackServer.responding("200 OK", "Content-Encoding: gzip\n", body);
  }

  private static LoopbackServer cutOff(String framing, String body) {
    return LoopbackServer.doing(connection -> {
      connection.readRequest();
      connection.write("HTTP/1.1 200 OK\r\n" + framing + "\r\n\r\n" + body);
    });
  }

  private static String latin(byte[] bytes) {
    return new String(bytes, ISO_8859_1);
  }

  private static Deadline soon() {
    return Deadline.in(Duration.ofSeconds(20));
  }
}
