package social.avatarai.mcp.testkit.memory;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import social.avatarai.mcp.http.Outbound.ResponseReader;
import social.avatarai.mcp.http.ResponseHead;

/** Responses of issuers that are simulated in memory. */
public final class MemoryResponse {
  private MemoryResponse() {}

  /** Gives a JSON response to its reader. */
  public static <T> T read(ResponseReader<T> reader, int status, String body) {
    try {
      return reader.read(new ResponseHead(status, Map.of("content-type", List.of("application/json"))),
          new ByteArrayInputStream(body.getBytes(UTF_8)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
