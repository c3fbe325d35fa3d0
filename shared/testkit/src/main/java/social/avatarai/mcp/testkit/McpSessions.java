package social.avatarai.mcp.testkit;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import social.avatarai.mcp.Unguessable;
import social.avatarai.mcp.testkit.BearerGuard.Caller;

/** The sessions of the MCP server. Each session belongs to the caller who opened it and has one negotiated version. */
final class McpSessions {
  static final String ID_HEADER = "Mcp-Session-Id";
  private static final String VERSION_HEADER = "MCP-Protocol-Version";
  /** The last version without the version header. */
  private static final String HEADERLESS_VERSION = "2025-03-26";

  private final McpServerKnobs knobs;
  private final Map<String, Session> sessions = new HashMap<>();
  private final List<String> ended = new ArrayList<>();

  McpSessions(McpServerKnobs knobs) {
    this.knobs = knobs;
  }

  private record Session(Caller opener, String version, boolean initialized) {}

  /** Opens a session; empty if the server has no sessions. */
  Optional<String> open(Caller caller, String version) {
    if (!knobs.sessions) return Optional.empty();
    String id = knobs.oneSessionPerUser ? own(caller).orElseGet(Unguessable::text) : Unguessable.text();
    sessions.put(id, new Session(caller, version, false));
    return Optional.of(id);
  }

  private Optional<String> own(Caller caller) {
    return sessions.entrySet().stream().filter(session -> belongs(session.getValue(), caller)).map(Map.Entry::getKey)
        .findFirst();
  }

  /**
   * Refuses a request outside its session: without a session id, or with an id that is unknown or belongs to another
   * caller.
   */
  void require(Received request, Caller caller, String method) {
    if (knobs.sessions) requireSession(request, caller, method);
    else
      requireSpokenVersion(request);
  }

  /** The session of a request, if it belongs to the caller. */
  private Session requireOwn(Received request, Caller caller) {
    var session = sessions.get(id(request));
    if (session == null || !belongs(session, caller)) throw HttpRefusal.of(knobs.unknownSession, request);
    return session;
  }

  private void requireSession(Received request, Caller caller, String method) {
    var session = requireOwn(request, caller);
    String version = request.header(VERSION_HEADER).orElse(HEADERLESS_VERSION);
    if (!version.equals(session.version())) {
      throw HttpRefusal.jsonRpc(400, -32000, "Bad Request: " + session.version() + " was agreed on, not " + version);
    }
    if (method.equals("notifications/initialized")) {
      sessions.put(id(request), new Session(session.opener(), version, true));
    } else if (!session.initialized() && !method.equals("ping")) {
      throw HttpRefusal.jsonRpc(400, -32000, "Bad Request: notifications/initialized has not come");
    }
  }

  private void requireSpokenVersion(Received request) {
    String version = request.header(VERSION_HEADER).orElse(HEADERLESS_VERSION);
    if (!knobs.protocolVersions.contains(version) && !version.equals(HEADERLESS_VERSION)) {
      throw HttpRefusal.jsonRpc(400, -32000, "Bad Request: unsupported protocol version");
    }
  }

  void end(Received request, Caller caller) {
    requireOwn(request, caller);
    sessions.remove(id(request));
    ended.add(id(request));
  }

  /** The sessions that are open. */
  Set<String> open() {
    return Set.copyOf(sessions.keySet());
  }

  /** The sessions that a client has ended, in order. */
  List<String> ended() {
    return List.copyOf(ended);
  }

  /** Forgets all sessions. */
  void forget() {
    sessions.clear();
  }

  private String id(Received request) {
    return request.header(ID_HEADER).orElseThrow(() -> HttpRefusal.of(knobs.missingSession, request));
  }

  private boolean belongs(Session session, Caller caller) {
    var opener = session.opener();
    if (opener.equals(Caller.ANONYMOUS)) return true; // opened without a token
    return knobs.sessionsEndWithToken ? opener.token().equals(caller.token()) : opener.grant().equals(caller.grant());
  }
}
