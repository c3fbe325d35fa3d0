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
 * An outbound door with scripted responses for each URL. The last response of a URL is repeated. A URL without a script
 * gets a 404. The door records every request in order.
 */
public final class ScriptedOutbound implements Outbound {
  private final Map<String, Deque<Supplier<HttpResponse>>> responses = new HashMap<>();
  private final List<OutboundRequest> requests = new ArrayList<>();

  public ScriptedOutbound responding(String url, HttpResponse response) {
    responses.computeIfAbsent(url, u -> new ArrayDeque<>()).add(() -> response);
    return this;
  }

  public ScriptedOutbound failing(String url, RuntimeException failure) {
    responses.computeIfAbsent(url, u -> new ArrayDeque<>()).add(() -> {
      throw failure;
    });
    return this;
  }

  @Override
  public <T> T exchange(OutboundRequest request, Deadline deadline, ResponseReader<T> reader) {
    requests.add(request);
    var scripted = responses.getOrDefault(request.url().value(), new ArrayDeque<>());
    var next = scripted.size() > 1 ? scripted.remove() : scripted.peek();
    var response = next == null ? HttpResponses.html(404) : next.get();
    try {
      return reader.read(response.head(),
          new ByteArrayInputStream(response.text().getBytes(UTF_8)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void admit(EndpointUrl url) {}

  public List<OutboundRequest> requests() {
    return List.copyOf(requests);
  }

  /** The requested URLs, in order. */
  public List<String> asked() {
    return requests.stream().map(request -> request.url().value()).toList();
  }
}
