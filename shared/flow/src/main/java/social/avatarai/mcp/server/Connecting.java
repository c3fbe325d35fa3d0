package social.avatarai.mcp.server;

import social.avatarai.mcp.authorization.AuthorizationStarted;
import social.avatarai.mcp.resource.Access;

/** The outcome of connecting a server. */
public sealed interface Connecting {

  /** The server has responded, with the user's grant or without one. */
  record Connected() implements Connecting {}

  /** The user must consent: a flow has begun. */
  record AuthorizationRequired(AuthorizationStarted begun) implements Connecting {}

  /** The server responded with a JSON-RPC error instead of its description. */
  record Refused(Access.RpcError refused) implements Connecting {}
}
