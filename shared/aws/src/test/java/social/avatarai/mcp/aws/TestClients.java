package social.avatarai.mcp.aws;

import java.net.URI;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.StandardRetryStrategy;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

/** The clients as they are, at an address of the test's. */
public final class TestClients {
  private TestClients() {}

  /** How often and how soon the clients try again. */
  public static StandardRetryStrategy retries() {
    return AwsClients.retries();
  }

  public static SecretsManagerClient at(URI url, ExecutionInterceptor... interceptors) {
    var nobody = StaticCredentialsProvider.create(AwsBasicCredentials.create("nobody", "nobody"));
    return AwsClients.secretsManagerBuilder(interceptors).endpointOverride(url).region(Region.US_EAST_1)
        .credentialsProvider(nobody).build();
  }
}
