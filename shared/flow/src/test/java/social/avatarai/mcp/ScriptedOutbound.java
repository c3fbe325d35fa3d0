package social.avatarai.mcp;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import social.avatarai.mcp.http.HttpResponse;
import social.avatarai.mcp.http.Outbound;
import social.avatarai.mcp.http.OutboundRequest;

/**
 * A door to a world that is written down: each URL has its answers, the last of them for good. What is not written down
 * is not there (404). Every request is noted, in order.
 */
public final class ScriptedOutbound implements Outbound {
  private final Map<String, Deque<Supplier<HttpResponse>>> answers = new HashMap<>();
  private final List<OutboundRequest> requests = new ArrayList<>();

  public ScriptedOutbound answering(String url, HttpResponse answer) {
    answers.computeIfAbsent(url, u -> new ArrayDeque<>()).add(() -> answer);
    return this;
  }

  public ScriptedOutbound failing(String url, Failure failure) {
    answers.computeIfAbsent(url, u -> new ArrayDeque<>()).add(() -> {
      throw failure;
    });
    return this;
  }

  @Override
  public <T> T exchange(OutboundRequest request, Deadline deadline, AnswerReader<T> reader) {
    requests.add(request);
    var scripted = answers.getOrDefault(request.url().value(), new ArrayDeque<>());
    var next = scripted.size() > 1 ? scripted.remove() : scripted.peek();
    var answer = next == null ? Answers.html(404) : next.get();
    try {
      return reader.read(answer.head(),
          new ByteArrayInputStream(answer.text().getBytes(UTF_8)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void admit(EndpointUrl url) {}

  public List<OutboundRequest> requests() {
    return List.copyOf(requests);
  }

  /** The URLs asked for, in order. */
  public List<String> asked() {
    return requests.stream().map(request -> request.url().value()).toList();
  }
}
