package social.avatarai.mcp.http;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Trusts the certificate authorities that the JDK trusts ({@code cacerts}, or {@code javax.net.ssl.trustStore}), and reads
 * them when the first certificate is to be checked. Every client of the process shares them.
 *
 * <p>Reading them is a twentieth of a cold start. Each client of the SDK, and the outbound door, would read them while it
 * is built, one waiting for the other; so they are read beside other work, or while a server's certificate is on its way.
 * Each check is the JDK's own.
 */
public final class SystemTrust extends X509ExtendedTrustManager {
  private static final SystemTrust OF_PROCESS = new SystemTrust();

  private static @Nullable SSLContext context;
  private static @Nullable SSLSocketFactory sockets;

  private @Nullable X509ExtendedTrustManager ofJdk;

  private SystemTrust() {}

  static SystemTrust ofProcess() {
    return OF_PROCESS;
  }

  /** TLS for clients that trust these authorities. It is made at the first call. */
  static synchronized SSLContext tls() {
    try {
      if (context == null) {
        var made = SSLContext.getInstance("TLS");
        made.init(null, new TrustManager[]{OF_PROCESS}, null);
        context = made;
      }
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has TLS", e);
    }
  }

  /** The sockets of {@link #tls}: always the same factory, because the JDK keeps connections under it. */
  public static synchronized SSLSocketFactory socketFactory() {
    if (sockets == null) sockets = tls().getSocketFactory();
    return sockets;
  }

  /** Makes now what the first TLS connection needs. */
  public static void load() {
    socketFactory();
    OF_PROCESS.getAcceptedIssuers();
  }

  private synchronized X509ExtendedTrustManager authorities() throws CertificateException {
    if (ofJdk == null) ofJdk = read();
    return ofJdk;
  }

  private static X509ExtendedTrustManager read() throws CertificateException {
    try {
      var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init((KeyStore) null);
      return Arrays.stream(factory.getTrustManagers()).filter(X509ExtendedTrustManager.class::isInstance)
          .map(X509ExtendedTrustManager.class::cast).findFirst()
          .orElseThrow(() -> new CertificateException("the JDK has no certificate authorities"));
    } catch (GeneralSecurityException e) {
      throw new CertificateException("the JDK's certificate authorities cannot be read", e);
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
    authorities().checkServerTrusted(chain, authType);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) throws CertificateException {
    authorities().checkServerTrusted(chain, authType, socket);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    authorities().checkServerTrusted(chain, authType, engine);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
    authorities().checkClientTrusted(chain, authType);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) throws CertificateException {
    authorities().checkClientTrusted(chain, authType, socket);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    authorities().checkClientTrusted(chain, authType, engine);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    try {
      return authorities().getAcceptedIssuers();
    } catch (CertificateException e) {
      throw new IllegalStateException(e.getMessage(), e);
    }
  }
}
