package social.avatarai.mcp.aws;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpResponse;

/** An HTTP client without a network: each request gets the same response. */
final class CannedHttp implements SdkHttpClient {
  private final byte[] body;

  CannedHttp(String body) {
    this.body = body.getBytes(UTF_8);
  }

  @Override
  public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
    return new Canned();
  }

  private final class Canned implements ExecutableHttpRequest {
    @Override
    public HttpExecuteResponse call() {
      var head = SdkHttpResponse.builder().statusCode(200).putHeader("Content-Type", "application/x-amz-json-1.0")
          .putHeader("Content-Length", Integer.toString(body.length)).build();
      return HttpExecuteResponse.builder().response(head)
          .responseBody(AbortableInputStream.create(new ByteArrayInputStream(body))).build();
    }

    @Override
    public void abort() {
      // There is nothing to end.
    }
  }

  @Override
  public void close() {
    // There is nothing to close.
  }
}
