package social.avatarai.mcp.record;

import java.util.stream.Stream;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.StdioName;

/**
 * What a record says of a server that is a program of the operator's machine: {@code endpoint.type} {@code stdio}, and
 * in {@code endpoint.command} the name under which the operator has defined the program.
 *
 * <p>The operator defines everything else. Arguments and variables of a record are never used, so a record with some is
 * refused: its user would wait for an effect, and the values of variables are often secrets, which a document must not
 * hold.
 */
final class StdioEndpoint {
  private StdioEndpoint() {}

  static boolean isIn(RecordFields endpoint) {
    return endpoint.text("type").filter(EndpointType.STDIO::isNamed).isPresent();
  }

  /** The URL that stands for the program; see {@link StdioName}. */
  static EndpointUrl url(RecordFields endpoint, RecordFields authorization) {
    Stream.of("args", "argv", "env", "cwd").filter(endpoint::isSaid).findFirst().ifPresent(member -> {
      throw notOffered(member, "is not used");
    });
    Stream.of("url", "headers").filter(endpoint::isSaid).findFirst().ifPresent(member -> {
      throw notOffered(member, "belongs to a server that is reached over HTTP");
    });
    String command = endpoint.text("command").filter(StdioName::isValid)
        .orElseThrow(() -> notOffered("command", "names no program"));
    requireNoCredentials(authorization);
    return new StdioName(command).url();
  }

  /** The same code wherever a record is refused for its program, also where there are no programs. */
  private static Failure notOffered(String member, String why) {
    return new Failure.BadRequest(ErrorCode.UNSUPPORTED_TRANSPORT, "The record's endpoint." + member + " " + why
        + ". A record of type stdio has the name of a program in endpoint.command, and nothing else: the operator of a "
        + "local runner has defined the program. A deployed service starts none.");
  }

  /** A program gets its credentials from the operator's environment. {@code oauth2} is what documents say by default. */
  private static void requireNoCredentials(RecordFields authorization) {
    var method = AuthorizationMethod.of(authorization);
    if (method != AuthorizationMethod.OAUTH2 && method != AuthorizationMethod.NONE) {
      throw refused("authorization.method", "must be none: a program gets its credentials from the operator");
    }
    var config = authorization.object("config");
    Stream.of("client_id", "client_secret", "issuer", "profile").filter(config::isSaid).findFirst()
        .ifPresent(member -> {
          throw refused("authorization.config." + member,
              "is not used: a program gets its credentials from the operator");
        });
    var credentials = authorization.object("credentials");
    Stream.of("access_token", "refresh_token").filter(credentials::isSaid).findFirst().ifPresent(member -> {
      throw refused("authorization.credentials." + member,
          "is not used: a program gets its credentials from the operator");
    });
  }

  private static Failure refused(String member, String why) {
    return new Failure.BadRequest(ErrorCode.UNSUPPORTED_RECORD, "The record's " + member + " " + why + ".");
  }
}
