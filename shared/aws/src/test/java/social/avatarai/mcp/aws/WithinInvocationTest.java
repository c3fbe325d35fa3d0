package social.avatarai.mcp.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.testkit.LoopbackHttp;
import social.avatarai.mcp.testkit.Response;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

@Execution(ExecutionMode.CONCURRENT) // they wait for deadlines
class WithinInvocationTest {

  private static SecretsManagerClient client(LoopbackHttp service) {
    return AwsClients.secretsManagerBuilder().endpointOverride(URI.create(service.url())).region(Region.EU_WEST_1)
        .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("invented", "invented")))
        .build();
  }

  /** Without the bound, the call would start its second try after the end of the function. */
  @Test
  void callOfAnInvocationThatIsOverIsNotTriedAgain() {
    var never = new CountDownLatch(1);
    try (var service = LoopbackHttp.start(_ -> held(never)); var client = client(service)) {
      assertThatThrownBy(() -> Deadline.in(Duration.ZERO)
          .invoke(() -> client.getSecretValue(get -> get.secretId("invented"))))
          .isInstanceOf(ApiCallTimeoutException.class);
      assertThat(service.requests()).hasSize(1);
    }
  }

  private static Response held(CountDownLatch never) {
    try {
      never.await();
    } catch (InterruptedException e) { // The service closes.
      Thread.currentThread().interrupt();
    }
    return Response.NONE;
  }
}
