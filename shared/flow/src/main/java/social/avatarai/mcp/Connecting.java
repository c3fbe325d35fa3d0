package social.avatarai.mcp;

import com.fasterxml.jackson.databind.JsonNode;
import social.avatarai.mcp.authorization.Authorizer.Begun;

/** What came of connecting a server. */
public sealed interface Connecting {

  /** It answers, with the user's grant or without one. */
  record Connected() implements Connecting {}

  /** The user must consent: a flow has begun. */
  record AuthorizationRequired(Begun begun) implements Connecting {}

  /** The server answered with a JSON-RPC error, attacker-controlled, and so does not describe itself. */
  record RpcError(JsonNode error, int status) implements Connecting {}

  /** The server refuses the user's token, and another consent would change nothing. */
  record Rejected(int status) implements Connecting {}

  /** The server refuses a request that was sent without a token, and asks for none. */
  record RefusedWithoutToken(int status) implements Connecting {}
}
