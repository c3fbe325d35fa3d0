package social.avatarai.mcp.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.http.Json;

/**
 * Lambda may run many requests at once in one process (Managed Instances), and the local runner does. There is one
 * instance of each handler, and every handler has {@value #THREADS} calls at once.
 */
class ParallelHandlersTest {
  private static final int THREADS = 32;
  private static final String HANDLERS = "social.avatarai.mcp.functions.";

  private final LocalService service = LocalService.start(Map.of());
  private final RequestStreamHandler refreshing = handler("scheduledrefresh.ScheduledRefreshHandler");
  private final RequestStreamHandler reencrypting = handler("reencrypt.ReencryptHandler");
  private final List<ParallelUser> users = IntStream.range(0, THREADS)
      .mapToObj(number -> new ParallelUser(service.base(), number)).toList();
  private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);

  @AfterEach
  void close() {
    threads.shutdownNow();
    users.forEach(ParallelUser::close);
    service.close();
  }

  @Test
  void noUserGetsTheResponseToAnotherOneWhenAllCallTheSameHandlerAtOnce() throws Exception {
    allAtOnce(ParallelUser::discoverResource);
    allAtOnce(ParallelUser::discoverIssuer);
    allAtOnce(ParallelUser::readOwnDocuments);
    allAtOnce(ParallelUser::register);
    allAtOnce(ParallelUser::startAndComeBack);
    allAtOnce(ParallelUser::access);
    allAtOnce(ParallelUser::refresh);
    allAtOnce(ParallelUser::putServer);
    allAtOnce(ParallelUser::connectElsewhere);
    allAtOnce(ParallelUser::complete);
    allAtOnce(ParallelUser::callAsClient);
    allAtOnce(ParallelUser::list);
    allAtOnce(_ -> refreshDue());
    allAtOnce(_ -> reencrypt());
    allAtOnce(ParallelUser::disconnect);
    allAtOnce(ParallelUser::beForgotten);
    assertThat(handlersWithFewerCalls()).isEmpty();
  }

  /** The handlers of the template that had fewer calls than there are users: the test has to be extended by them. */
  private Set<String> handlersWithFewerCalls() throws IOException {
    var calls = new HashMap<String, Integer>();
    var lines = service.log().lines().toList();
    for (var route : Template.read(Path.of("..", "template.yaml")).routes()) {
      String named = "\"route\":\"" + route.key() + "\"";
      int count = (int) lines.stream().filter(line -> line.contains("\"event\":\"request\"") && line.contains(named))
          .count();
      calls.merge(route.handlerClass(), count, Integer::sum);
    }
    calls.values().removeIf(count -> count >= THREADS);
    return calls.keySet();
  }

  private void refreshDue() {
    var run = invoke(refreshing, "{\"shards\":\"0-63\"}");
    assertThat(run.path("finished").asBoolean()).isTrue();
    assertThat(run.path("refreshed").asInt()).isZero();
  }

  /** The rows of all users are under the current key. */
  private void reencrypt() {
    var run = invoke(reencrypting, "{\"table\":\"tokens\",\"cursor\":null}");
    assertThat(run.path("examined").asInt()).isGreaterThanOrEqualTo(THREADS);
    assertThat(run.path("reencrypted").asInt()).isZero();
  }

  /** Each user acts on a thread of their own, and none begins before all are ready. Fails with every failure. */
  private void allAtOnce(Consumer<ParallelUser> act) throws InterruptedException {
    var ready = new CyclicBarrier(THREADS);
    var acts = users.stream().<Callable<ParallelUser>>map(user -> () -> {
      ready.await(60, TimeUnit.SECONDS);
      act.accept(user);
      return user;
    }).toList();
    var failures = new ArrayList<Throwable>();
    for (var done : threads.invokeAll(acts)) {
      try {
        done.get();
      } catch (ExecutionException e) {
        failures.add(e.getCause());
      }
    }
    assertThat(failures).isEmpty();
  }

  private static JsonNode invoke(RequestStreamHandler handler, String event) {
    var response = new ByteArrayOutputStream();
    try {
      handler.handleRequest(new ByteArrayInputStream(event.getBytes(UTF_8)), response, LocalContext.ofSchedule());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Json.value(response.toByteArray()).orElseThrow();
  }

  private static RequestStreamHandler handler(String name) {
    try {
      return Routes.make(HANDLERS + name);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }
}
