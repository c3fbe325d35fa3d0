package social.avatarai.mcp.functions.complete;

import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.lambda.Request;
import social.avatarai.mcp.token.GrantId;

/**
 * The user's decision about a consent that came back as another account.
 *
 * @param connection {@code server_id}, the connection
 * @param change {@code account_change}, the id that the connection shows
 * @param keep {@code keep}: which account the connection has from now on
 */
record AccountDecision(ConnectionId connection, GrantId change, Keep keep) {
  static final String CHANGE = "account_change";

  enum Keep {
    NEW, OLD
  }

  static AccountDecision read(Request request) {
    var connection = ConnectionId.ofParameter("server_id", request.required("server_id"));
    var keep = switch (request.required("keep")) {
      case "new" -> Keep.NEW;
      case "old" -> Keep.OLD;
      default -> throw new Failure.BadRequest(ErrorCode.INVALID_REQUEST, "Parameter keep must be new or old.");
    };
    return new AccountDecision(connection, new GrantId(request.required(CHANGE)), keep);
  }
}
