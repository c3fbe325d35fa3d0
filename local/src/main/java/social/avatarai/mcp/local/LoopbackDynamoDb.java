package social.avatarai.mcp.local;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.eclipse.jetty.server.Server;
import software.amazon.dynamodb.services.local.server.LocalDynamoDBRequestHandler;
import software.amazon.dynamodb.services.local.server.LocalDynamoDBServerHandler;

/**
 * DynamoDB Local in memory behind HTTP, for {@code local/localstack}. It listens on loopback only and sends no
 * telemetry; DynamoDB Local's own server listens on every interface. It ends with the process that started it.
 */
final class LoopbackDynamoDb {
  private LoopbackDynamoDb() {}

  /** The one argument is the port. */
  public static void main(String[] arguments) throws Exception {
    var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(arguments[0]));
    var server = new Server(address);
    // In memory, without a file. Accounts and regions are kept apart, and a new table is active at once.
    var database = new LocalDynamoDBRequestHandler(0, true, null, false, false);
    server.setHandler(new LocalDynamoDBServerHandler(database, null));
    server.start();
    ProcessHandle.current().parent().ifPresent(parent -> parent.onExit().join());
    Runtime.getRuntime().halt(0);
  }
}
