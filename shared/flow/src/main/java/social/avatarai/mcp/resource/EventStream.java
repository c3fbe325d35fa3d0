package social.avatarai.mcp.resource;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.http.ResponseHead;

/**
 * Reads the messages of a server-sent event stream (WHATWG HTML, server-sent events), one at a time.
 *
 * <p>The reader skips comments, event names and events without data, which servers send to give a stream its first id.
 * It notes ids and the retry time, so that the stream can be resumed.
 */
final class EventStream {
  private static final int MAX_ID_LENGTH = 1024;

  private final BufferedReader lines;
  private final Place place;
  private boolean atBeginning = true;
  private final Deque<ObjectNode> batch = new ArrayDeque<>();
  /** The data of the event that is being read. */
  private final StringBuilder data = new StringBuilder();
  /** The name of the event that is being read. */
  private String name = "";
  /** The id of the event that is being read. It counts once the event is complete. */
  private @Nullable String id;
  private @Nullable Failure fault;

  /** Whether a response is such a stream. */
  static boolean isIn(ResponseHead head) {
    return head.isSuccess() && head.mediaType().equals("text/event-stream");
  }

  /** Where a stream was left. A place outlives its stream. */
  static final class Place {
    private @Nullable String lastEventId;
    private @Nullable Duration retry;

    /** The id of the last event; empty where the stream has none, and so cannot be resumed. */
    Optional<String> lastEventId() {
      return Optional.ofNullable(lastEventId);
    }

    /** The stream cannot be resumed from now on. */
    void forget() {
      lastEventId = null;
    }

    /** How long the server wants the client to wait; empty where the server does not say. */
    Optional<Duration> retry() {
      return Optional.ofNullable(retry);
    }
  }

  EventStream(InputStream body, Place place) {
    this.lines = new BufferedReader(new InputStreamReader(body, UTF_8));
    this.place = place;
  }

  /**
   * The data of the first event, if it has this name; empty if the stream begins with another event, or ends.
   */
  Optional<String> first(String wanted) throws IOException {
    return nextData().filter(_ -> name.equals(wanted)).map(String::strip);
  }

  /** The next message of a stream that goes on after a response: empty at an event that may be one and is unreadable. */
  Optional<ObjectNode> nextReadable() throws IOException {
    while (batch.isEmpty() && fault == null && readEvent()) {
    }
    return Optional.ofNullable(batch.pollFirst());
  }

  /** The next message, which is an event or a part of one; empty at the end of the stream. */
  Optional<ObjectNode> next() throws IOException {
    while (batch.isEmpty() && readEvent()) {
    }
    return Optional.ofNullable(batch.pollFirst());
  }

  /** Reads an event with its messages; false at the end of the stream. */
  private boolean readEvent() throws IOException {
    var event = nextData();
    if (event.isEmpty()) return false;
    var messages = JsonRpcMessages.ofEvent(event.get());
    if (messages.fault() != null) fault = messages.fault();
    batch.addAll(messages.all());
    return true;
  }

  /**
   * The response to the request with this id in an event that the end of the stream has cut off. Such an event does not
   * count. But some servers leave the blank line behind the last event out, and a whole response is a response.
   */
  Optional<ObjectNode> cutOffResponse(long request) {
    return JsonRpcMessages.ofEvent(data.toString()).response(request);
  }

  /** Why an event could not be read that may have been the response; empty where every event was read. */
  Optional<Failure> fault() {
    return Optional.ofNullable(fault);
  }

  private Optional<String> nextData() throws IOException {
    data.setLength(0);
    name = "";
    for (String line = nextLine(); line != null; line = nextLine()) {
      if (line.isEmpty()) place.lastEventId = id;
      if (line.isEmpty() && !data.isEmpty()) return Optional.of(data.toString());
      if (line.isEmpty()) name = "";
      if (line.startsWith("data:")) data.append(value(line)).append('\n');
      else if (line.startsWith("event:")) name = value(line);
      else if (line.startsWith("id:")) noteId(value(line));
      else if (line.startsWith("retry:")) noteRetry(value(line));
    }
    return Optional.empty();
  }

  /** The id is sent back in a header, so it must fit into one. */
  private void noteId(String text) {
    boolean sendable = !text.isEmpty() && text.length() <= MAX_ID_LENGTH
        && text.chars().allMatch(c -> c > 0x20 && c < 0x7f);
    id = sendable ? text : null;
  }

  private void noteRetry(String millis) {
    if (millis.matches("[0-9]{1,9}")) place.retry = Duration.ofMillis(Long.parseLong(millis));
  }

  /** The next line, without the byte order mark that a stream may begin with. */
  private @Nullable String nextLine() throws IOException {
    String line = lines.readLine();
    boolean marked = atBeginning && line != null && line.startsWith("\ufeff");
    atBeginning = false;
    return marked ? line.substring(1) : line;
  }

  private static String value(String line) {
    String text = line.substring(line.indexOf(':') + 1);
    return text.startsWith(" ") ? text.substring(1) : text;
  }
}
