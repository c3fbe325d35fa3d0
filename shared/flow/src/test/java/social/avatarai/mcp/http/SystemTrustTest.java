package social.avatarai.mcp.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.KeyStore;
import java.util.Arrays;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.Test;

/** {@link OutboundDoorTlsTest} shows that a certificate of another authority is refused. */
class SystemTrustTest {

  @Test
  void namesTheAuthoritiesOfTheJdkAndNoOther() throws Exception {
    var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init((KeyStore) null);
    var ofJdk = Arrays.stream(factory.getTrustManagers()).map(X509TrustManager.class::cast).findFirst().orElseThrow();
    assertThat(SystemTrust.ofProcess().getAcceptedIssuers()).isNotEmpty()
        .containsExactlyInAnyOrder(ofJdk.getAcceptedIssuers());
  }

  @Test
  void socketsComeFromOneFactoryBecauseTheJdkKeepsConnectionsUnderIt() {
    SystemTrust.load();
    assertThat(SystemTrust.socketFactory()).isSameAs(SystemTrust.socketFactory());
  }
}
