package social.avatarai.mcp.aws;

import java.net.URI;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.StandardRetryStrategy;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

/** The real clients, at an address that the test chooses. */
public final class TestClients {
  private TestClients() {}

  /** How often the clients try again, and after which pauses. */
  public static StandardRetryStrategy retries() {
    return AwsClients.retries();
  }

  public static SecretsManagerClient at(URI url, ExecutionInterceptor... interceptors) {
    var credentials = StaticCredentialsProvider.create(AwsBasicCredentials.create("nobody", "nobody"));
    return AwsClients.secretsManagerBuilder(interceptors).endpointOverride(url).region(Region.US_EAST_1)
        .credentialsProvider(credentials).build();
  }
}
