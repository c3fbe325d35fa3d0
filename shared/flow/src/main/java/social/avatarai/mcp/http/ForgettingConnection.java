package social.avatarai.mcp.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.io.ManagedHttpClientConnection;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.EndpointDetails;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.ProtocolVersion;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.io.HttpConnectionFactory;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * A connection that keeps nothing of an exchange while it waits for the next one. It is not used again if the server
 * has sent more than its response.
 */
final class ForgettingConnection implements ManagedHttpClientConnection {
  private final ManagedHttpClientConnection connection;
  private final ConnectionBuffers buffers;
  /** The connection under TLS, or the whole of it. Null before the connection is made. */
  private @Nullable SocketChannel channel;

  private ForgettingConnection(ManagedHttpClientConnection connection, ConnectionBuffers buffers) {
    this.connection = connection;
    this.buffers = buffers;
  }

  /** Makes such connections. */
  static HttpConnectionFactory<ManagedHttpClientConnection> factory(Http1Config config) {
    return new HttpConnectionFactory<>() {
      @Override
      public ManagedHttpClientConnection createConnection(@Nullable Socket socket) throws IOException {
        var buffers = new ConnectionBuffers(config);
        return new ForgettingConnection(ManagedHttpClientConnectionFactory.builder().http1Config(config)
            .requestWriterFactory(() -> buffers).responseParserFactory(_ -> buffers).build().createConnection(socket),
            buffers);
      }
    };
  }

  /** The client calls this before others can use the connection. */
  @Override
  public void passivate() {
    if (buffers.hasUnread()) {
      connection.close(CloseMode.IMMEDIATE);
      return;
    }
    try {
      buffers.erase();
      connection.passivate();
    } catch (IOException e) {
      throw new UncheckedIOException("erasing reads and writes in memory", e);
    }
  }

  /**
   * Whether the server has closed the connection, or has sent something that nobody asked for. The client's own check
   * reads with a time-out, so each call would wait a millisecond for bytes that do not come.
   */
  @Override
  public boolean isStale() throws IOException {
    return !connection.isOpen() || buffers.hasUnread() || hasDecrypted() || hasArrived();
  }

  /** Whether TLS has decrypted more than the response. Without TLS, this asks what {@link #hasArrived} asks. */
  private boolean hasDecrypted() throws IOException {
    return connection.getSocket().getInputStream().available() > 0;
  }

  /** Whether any byte, or the end of the connection, has arrived. A byte is lost then, and the connection with it. */
  private boolean hasArrived() throws IOException {
    var arriving = channel;
    if (arriving == null) return connection.isStale();
    arriving.configureBlocking(false);
    try {
      return arriving.read(ByteBuffer.allocate(1)) != 0;
    } finally {
      arriving.configureBlocking(true);
    }
  }

  @Override
  public void activate() {
    connection.activate();
  }

  @Override
  public void bind(Socket socket) throws IOException {
    channel = socket.getChannel();
    connection.bind(socket);
  }

  @Override
  public void bind(SSLSocket secure, Socket socket) throws IOException {
    channel = socket.getChannel();
    connection.bind(secure, socket);
  }

  @Override
  public Socket getSocket() { return connection.getSocket(); }

  @Override
  public SSLSession getSSLSession() { return connection.getSSLSession(); }

  @Override
  public boolean isConsistent() { return connection.isConsistent(); }

  @Override
  public void sendRequestHeader(ClassicHttpRequest request) throws HttpException, IOException {
    connection.sendRequestHeader(request);
  }

  @Override
  public void terminateRequest(ClassicHttpRequest request) throws HttpException, IOException {
    connection.terminateRequest(request);
  }

  @Override
  public void sendRequestEntity(ClassicHttpRequest request) throws HttpException, IOException {
    connection.sendRequestEntity(request);
  }

  @Override
  public ClassicHttpResponse receiveResponseHeader() throws HttpException, IOException {
    return connection.receiveResponseHeader();
  }

  @Override
  public void receiveResponseEntity(ClassicHttpResponse response) throws HttpException, IOException {
    connection.receiveResponseEntity(response);
  }

  @Override
  public boolean isDataAvailable(Timeout timeout) throws IOException {
    return connection.isDataAvailable(timeout);
  }

  @Override
  public void flush() throws IOException {
    connection.flush();
  }

  @Override
  public void close() throws IOException {
    connection.close();
  }

  @Override
  public void close(CloseMode mode) {
    connection.close(mode);
  }

  @Override
  public EndpointDetails getEndpointDetails() { return connection.getEndpointDetails(); }

  @Override
  public SocketAddress getLocalAddress() { return connection.getLocalAddress(); }

  @Override
  public SocketAddress getRemoteAddress() { return connection.getRemoteAddress(); }

  @Override
  public ProtocolVersion getProtocolVersion() { return connection.getProtocolVersion(); }

  @Override
  public boolean isOpen() { return connection.isOpen(); }

  @Override
  public Timeout getSocketTimeout() { return connection.getSocketTimeout(); }

  @Override
  public void setSocketTimeout(Timeout timeout) {
    connection.setSocketTimeout(timeout);
  }
}
