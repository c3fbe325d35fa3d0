package social.avatarai.mcp.aws;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.JsonText;
import social.avatarai.mcp.http.Json;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.SignedRequest;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.identity.spi.IdentityProvider;
import software.amazon.awssdk.regions.PartitionMetadata;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;

/**
 * A service of AWS with a JSON protocol, for a function that uses one operation of it: the service's own client library
 * would be in every archive, for one request. The SDK signs the request, finds credentials and region, and sends it.
 * There are no retries here: the stream or the queue delivers again what has failed.
 */
public final class AwsJsonService {
  private final Protocol protocol;
  private final URI endpoint;
  private final Region region;
  private final IdentityProvider<? extends AwsCredentialsIdentity> credentials;
  private final SdkHttpClient http = AwsClients.http();
  private final AwsV4HttpSigner signer = AwsV4HttpSigner.create();

  /**
   * How a service is spoken to.
   *
   * @param service its name in host names and signatures
   * @param target what its operations' names begin with in {@code X-Amz-Target}
   * @param contentType the media type of its protocol
   */
  public record Protocol(String service, String target, String contentType) {}

  AwsJsonService(Protocol protocol, @Nullable URI endpoint, Region region,
      IdentityProvider<? extends AwsCredentialsIdentity> credentials) {
    this.protocol = protocol;
    this.region = region;
    this.credentials = credentials;
    this.endpoint = endpoint == null ? endpoint(protocol.service(), region) : endpoint;
  }

  /** The partition is found by the form of the region's name, so a region may be newer than the SDK. */
  static URI endpoint(String service, Region region) {
    return URI.create("https://" + service + "." + region.id() + "." + PartitionMetadata.of(region).dnsSuffix());
  }

  /** The service in the region of this function, or at {@code AWS_ENDPOINT_URL}. */
  public static AwsJsonService of(Protocol protocol, Map<String, String> environment) {
    var endpoint = Optional.ofNullable(environment.get("AWS_ENDPOINT_URL")).filter(url -> !url.isBlank());
    return new AwsJsonService(protocol, endpoint.map(URI::create).orElse(null),
        new DefaultAwsRegionProviderChain().getRegion(), DefaultCredentialsProvider.builder().build());
  }

  /** Calls an operation. Any response but a 2xx with a JSON object is a failure. */
  public ObjectNode call(String operation, ObjectNode input) {
    try {
      return exchange(signed(operation, JsonText.bytes(input)), operation);
    } catch (IOException e) {
      throw unreachable(operation, e.getClass().getSimpleName());
    }
  }

  private SignedRequest signed(String operation, byte[] body) {
    var request = SdkHttpRequest.builder().method(SdkHttpMethod.POST).uri(endpoint)
        .putHeader("Content-Type", protocol.contentType())
        .putHeader("X-Amz-Target", protocol.target() + "." + operation).build();
    var identity = credentials.resolveIdentity().join();
    return signer.sign(sign -> sign.identity(identity).request(request).payload(() -> new ByteArrayInputStream(body))
        .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, protocol.service())
        .putProperty(AwsV4HttpSigner.REGION_NAME, region.id()));
  }

  private ObjectNode exchange(SignedRequest signed, String operation) throws IOException {
    var call = HttpExecuteRequest.builder().request(signed.request())
        .contentStreamProvider(signed.payload().orElseThrow()).build();
    HttpExecuteResponse response = http.prepareRequest(call).call();
    byte[] body = response.responseBody().isPresent() ? response.responseBody().get().readAllBytes() : new byte[0];
    int status = response.httpResponse().statusCode();
    if (!response.httpResponse().isSuccessful()) throw unreachable(operation, "HTTP " + status);
    return body.length == 0
        ? Json.newObject()
        : Json.object(body)
            .orElseThrow(() -> unreachable(operation, "a response that is no JSON object"));
  }

  /** The service's own text is left out: it may repeat the request. */
  private Failure unreachable(String operation, String what) {
    return new Failure.Unreachable(ErrorCode.UPSTREAM_UNREACHABLE, "A service of AWS did not take a request.",
        protocol.service() + " " + operation + ": " + what, true);
  }
}
