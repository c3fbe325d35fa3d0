package social.avatarai.mcp.server;

import social.avatarai.mcp.authorization.AuthorizationStarter.Begun;
import social.avatarai.mcp.resource.Access;

/** What came of connecting a server. */
public sealed interface Connecting {

  /** It answers, with the user's grant or without one. */
  record Connected() implements Connecting {}

  /** The user must consent: a flow has begun. */
  record AuthorizationRequired(Begun begun) implements Connecting {}

  /** The server answered with a JSON-RPC error, and so does not describe itself. */
  record Refused(Access.RpcError refused) implements Connecting {}
}
