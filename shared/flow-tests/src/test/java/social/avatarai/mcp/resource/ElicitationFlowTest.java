package social.avatarai.mcp.resource;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static social.avatarai.mcp.world.GrantWorld.USER;
import static social.avatarai.mcp.world.GrantWorld.saidBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.world.GrantWorld;

/** Questions that a legacy server asks on its own stream while a request is under way. */
class ElicitationFlowTest {
  private final QuestioningServer server = new QuestioningServer();
  private final GrantWorld world = GrantWorld.start();

  @AfterEach
  void close() {
    world.close();
    server.close();
  }

  private String ask(Elicitation elicitation) {
    var request = new McpRequest("tools/call", Json.newObject().put("name", "ask"), elicitation);
    return saidBy(world.byUrl(USER, server.url(), request));
  }

  @Test
  void questionOnTheServersOwnStreamGetsAReplyAndTheStreamIsClosed() {
    world.stored.store(GrantWorld.elsewhere(world.connect(USER), server.url()));
    assertThat(ask(Elicitation.DEFAULTS)).isEqualTo("{\"action\":\"accept\",\"content\":{\"name\":\"Ada\"}}");
    assertThat(server.hungUp()).isTrue();
    assertThat(server.seen).as("the request has its own session, which ends with the request").last()
        .isEqualTo("DELETE");
    assertThat(world.byUrl(USER, server.url(), new McpRequest("tools/list", null))).isNotNull();
    assertThat(server.declared).as("the next session declares nothing").last().isEqualTo("{}");
  }

  @Test
  void nothingIsDeclaredAndListenedToUnlessTheCallerAllowsIt() {
    world.stored.store(GrantWorld.elsewhere(world.connect(USER), server.url()));
    assertThat(ask(Elicitation.NONE)).isEqualTo("no user to ask");
    assertThat(server.declared).containsExactly("{}");
    assertThat(server.seen).doesNotContain("GET", "DELETE");
  }

  @Test
  void keptSessionIsLeftAloneByARequestThatAllowsQuestions() {
    world.stored.store(GrantWorld.elsewhere(world.connect(USER), server.url()));
    ask(Elicitation.NONE);
    ask(Elicitation.DEFAULTS);
    ask(Elicitation.NONE);
    assertThat(server.declared).containsExactly("{}", "{\"elicitation\":{}}");
  }

  @Test
  void serverThatGivesNoResponseAfterTooManyQuestionsOnItsOwnStreamIsNamedWithTheLimit() {
    world.stored.store(GrantWorld.elsewhere(world.connect(USER), server.url()));
    server.asksTooMuch = true;
    var failure = catchThrowableOfType(Failure.Unreachable.class, () -> ask(Elicitation.DEFAULTS));
    assertThat(failure.code()).isEqualTo(ErrorCode.OUTCOME_UNKNOWN);
    assertThat(failure.safeMessage()).contains("more than " + ServerQuestion.MAX_QUESTIONS + " questions");
  }

  /** A server with one tool, which asks for a name on the stream of the session. */
  private static final class QuestioningServer implements AutoCloseable {
    final List<String> seen = new CopyOnWriteArrayList<>();
    final List<String> declared = new CopyOnWriteArrayList<>();
    /** The tool asks without end, and hangs up when the client no longer listens. */
    volatile boolean asksTooMuch;
    private final HttpServer http;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final CompletableFuture<HttpExchange> stream = new CompletableFuture<>();
    private final CompletableFuture<JsonNode> reply = new CompletableFuture<>();
    private final CompletableFuture<Boolean> end = new CompletableFuture<>();

    QuestioningServer() {
      try {
        http = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
      } catch (IOException e) {
        throw new AssertionError(e);
      }
      http.setExecutor(threads);
      http.createContext("/", this::serve);
      http.start();
    }

    String url() {
      return "http://localhost:" + http.getAddress().getPort() + "/mcp";
    }

    /** Whether the client has closed the stream. A write into the stream shows it. */
    boolean hungUp() {
      try (var exchange = stream.join()) {
        for (int i = 0; i < 100_000; i++) {
          exchange.getResponseBody().write(": still here\n\n".getBytes(UTF_8));
          exchange.getResponseBody().flush();
        }
        return false;
      } catch (IOException e) {
        return true;
      } finally {
        end.complete(true);
      }
    }

    private void serve(HttpExchange exchange) throws IOException {
      var message = Json.object(exchange.getRequestBody().readAllBytes()).orElseGet(Json::newObject);
      String method = message.path("method").asText();
      seen.add(method.isEmpty() ? exchange.getRequestMethod() : method);
      switch (method) {
        case "initialize" -> {
          declared.add(message.path("params").path("capabilities").toString());
          exchange.getResponseHeaders().set("Mcp-Session-Id", "session-" + declared.size());
          send(exchange, message, Json.newObject().put("protocolVersion", "2025-11-25"));
        }
        case "tools/call" -> call(exchange, message);
        case "tools/list" -> send(exchange, message, Json.newObject());
        case "" -> other(exchange, message);
        default -> status(exchange, method.startsWith("notifications/") ? 202 : 400);
      }
    }

    private void other(HttpExchange exchange, JsonNode message) throws IOException {
      if (exchange.getRequestMethod().equals("GET")) {
        exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
        exchange.sendResponseHeaders(200, 0);
        exchange.getResponseBody().write(": open\n\n".getBytes(UTF_8));
        exchange.getResponseBody().flush();
        stream.complete(exchange);
        end.join();
      } else {
        if (message.has("result")) reply.complete(message.path("result"));
        status(exchange, 202);
      }
    }

    private void call(HttpExchange exchange, JsonNode message) throws IOException {
      if (asksTooMuch) {
        var ping = Json.newObject().put("jsonrpc", "2.0").put("id", 1).put("method", "ping");
        var body = stream.join().getResponseBody();
        body.write(("data: " + ping + "\n\n").repeat(ServerQuestion.MAX_QUESTIONS + 1).getBytes(UTF_8));
        body.flush();
        assertThat(hungUp()).isTrue();
        exchange.close();
        return;
      }
      String said = "no user to ask";
      if (declared.getLast().contains("elicitation") && !reply.isDone()) {
        var question = Json.newObject().put("jsonrpc", "2.0").put("id", 1).put("method", "elicitation/create");
        question.putObject("params").putObject("requestedSchema").putObject("properties").putObject("name")
            .put("default", "Ada");
        var body = stream.join().getResponseBody();
        body.write(("data: " + question + "\n\n").getBytes(UTF_8));
        body.flush();
        said = reply.orTimeout(20, TimeUnit.SECONDS).join().toString();
      }
      var result = Json.newObject();
      result.putArray("content").addObject().put("type", "text").put("text", said);
      send(exchange, message, result);
    }

    private static void send(HttpExchange exchange, JsonNode message, JsonNode result) throws IOException {
      var response = Json.newObject().put("jsonrpc", "2.0");
      response.set("id", message.path("id"));
      response.set("result", result);
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      byte[] bytes = response.toString().getBytes(UTF_8);
      exchange.sendResponseHeaders(200, bytes.length);
      exchange.getResponseBody().write(bytes);
      exchange.close();
    }

    private static void status(HttpExchange exchange, int status) throws IOException {
      exchange.sendResponseHeaders(status, -1);
      exchange.close();
    }

    @Override
    public void close() {
      end.complete(true);
      http.stop(0);
      threads.shutdownNow();
    }
  }
}
