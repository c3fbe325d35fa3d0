package social.avatarai.mcp.aws;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import javax.net.ssl.HttpsURLConnection;
import social.avatarai.mcp.http.SystemTrust;

/** The connections of the SDK's HTTP client: to the endpoints of AWS, or to the one that the deployment names. */
final class AwsConnections {
  private AwsConnections() {}

  /** A connection that is not made yet. */
  static HttpURLConnection to(URI uri) {
    // A new connection takes the default. Without one, the JDK would make one, and read the authorities for it.
    if (uri.getScheme().equals("https")) HttpsURLConnection.setDefaultSSLSocketFactory(SystemTrust.socketFactory());
    try {
      var connection = (HttpURLConnection) uri.toURL().openConnection();
      connection.setConnectTimeout((int) AwsClients.MAX_CONNECT_TIME.toMillis());
      connection.setReadTimeout((int) AwsClients.MAX_ATTEMPT_TIME.toMillis());
      return connection;
    } catch (IOException e) {
      throw new UncheckedIOException(e); // Only what is no URL fails here.
    }
  }
}
