package social.avatarai.mcp.token;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Predicate;
import social.avatarai.mcp.AccessToken;
import social.avatarai.mcp.ClientAuthenticationMethod;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.RefreshToken;
import social.avatarai.mcp.ResourceUri;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.http.Outbound;
import social.avatarai.mcp.http.OutboundRequest;
import social.avatarai.mcp.registration.ClientIdentity;
import social.avatarai.mcp.registration.Owner;
import social.avatarai.mcp.testkit.FixedClock;
import social.avatarai.mcp.testkit.memory.MemoryDueGrants;
import social.avatarai.mcp.testkit.memory.MemoryGrants;
import social.avatarai.mcp.testkit.memory.MemoryLeases;
import social.avatarai.mcp.testkit.memory.MemoryResponse;
import social.avatarai.mcp.testkit.memory.RefreshSteps;
import social.avatarai.mcp.testkit.memory.StoreTraffic;
import social.avatarai.mcp.testkit.store.Samples;

/** The real schedule over stores in memory that can fail, with issuers that answer as a test says. */
final class ScheduleWorld implements Outbound {
  private static final ClientIdentity CLIENT = new ClientIdentity(Owner.deployment(), ClientIdentity.Origin.DYNAMIC,
      new ClientId("client"), ClientAuthenticationMethod.NONE);

  final FixedClock clock = FixedClock.at(Samples.NOW);
  final StoreTraffic traffic = new StoreTraffic();
  final MemoryGrants grants = new MemoryGrants(traffic);
  final MemoryDueGrants dueGrants = new MemoryDueGrants(traffic);
  /** The refresh tokens that arrived at an issuer, in order. */
  final List<String> sent = Collections.synchronizedList(new ArrayList<>());
  /** The issuers that answer with 503. */
  final Set<String> down = ConcurrentHashMap.newKeySet();
  /** What happens at an issuer before it answers. */
  volatile Consumer<String> arrival = _ -> {};
  /** The calls of the store of grants and of the store of markers that fail. */
  volatile Predicate<String> failing = _ -> false;
  private final ScheduledRefresh schedule;

  /** @param threads runs the attempts */
  ScheduleWorld(Executor threads) {
    this.schedule = process(threads);
  }

  /** The schedule of another process. It shares the stores with the others. */
  ScheduledRefresh process(Executor threads) {
    var stores = new RefreshSteps.Stores(failing(Grants.class, grants), failing(DueGrants.class, dueGrants),
        new MemoryLeases(traffic));
    var journal = new Journal(new PrintStream(OutputStream.nullOutputStream(), false, UTF_8), clock);
    return new RefreshSteps(stores, this, clock, _ -> {}, new SplittableRandom(1), journal).scheduled(threads);
  }

  private <T> T failing(Class<T> type, T real) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[]{type}, (_, method, arguments) -> {
      if (failing.test(method.getName())) throw new IllegalStateException("the store fails");
      try {
        return method.invoke(real, arguments);
      } catch (InvocationTargetException e) {
        throw e.getCause();
      }
    }));
  }

  ScheduledRefresh.Run run() {
    return run(Deadline.in(Duration.ofSeconds(25)));
  }

  ScheduledRefresh.Run run(Deadline deadline) {
    return schedule.run(0, DueGrants.SHARDS - 1, deadline);
  }

  long minute() {
    return clock.instant().getEpochSecond() / 60;
  }

  /** Keeps a grant at an issuer that falls due in this minute. */
  ConnectionKey keep(String user, String connection, String issuer, long minute) {
    var key = new ConnectionKey(new UserId(user), new ConnectionId(connection));
    var origin = "https://" + issuer + ".example";
    var target = new GrantTarget(new Issuer(origin), new EndpointUrl(origin + "/token"),
        new ResourceUri("https://mcp.example/mcp"), new EndpointUrl("https://mcp.example/mcp"));
    var now = clock.instant();
    var tokens = new Tokens(new AccessToken("access"), new RefreshToken(user + "-" + connection), Scopes.none(), now,
        now.plus(Duration.ofHours(1)));
    grants.store(new Grant(key, GrantId.fresh(), 1, target, CLIENT, tokens, GrantState.healthy(now, minute), Set.of(),
        null));
    dueGrants.schedule(key, minute);
    return key;
  }

  long version(ConnectionKey key) {
    return grants.peek(key).orElseThrow().version();
  }

  @Override
  public <T> T exchange(OutboundRequest request, Deadline deadline, ResponseReader<T> reader) {
    String form = new String(request.body(), UTF_8);
    if (!form.contains("grant_type=refresh_token")) return MemoryResponse.read(reader, 404, "");
    String token = form.replaceFirst(".*refresh_token=([a-z0-9-]+).*", "$1");
    sent.add(token);
    arrival.accept(token);
    String host = Objects.requireNonNull(request.url().uri().getHost());
    if (down.contains(host.replace(".example", ""))) return MemoryResponse.read(reader, 503, "");
    return MemoryResponse.read(reader, 200,
        "{\"access_token\":\"access\",\"token_type\":\"Bearer\",\"expires_in\":3600}");
  }

  @Override
  public void admit(EndpointUrl url) {}
}
