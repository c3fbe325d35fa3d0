package social.avatarai.mcp.token.chaos;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.SharedClock;
import social.avatarai.mcp.http.Outbound;
import social.avatarai.mcp.http.OutboundRequest;
import social.avatarai.mcp.testkit.memory.MemoryResponse;
import social.avatarai.mcp.testkit.memory.RefreshSteps;
import social.avatarai.mcp.token.DueGrants;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.GrantState;
import social.avatarai.mcp.token.Grants;
import social.avatarai.mcp.token.Leases;
import social.avatarai.mcp.token.Leases.Lease;

/**
 * One invocation in a process of its own: the real refresh code over the shared stores. Between any two steps, other
 * processes may work and this one may die.
 */
final class FakeProcess implements Outbound {
  /** An invocation that runs longer is killed. */
  private static final Duration LIFE = Duration.ofSeconds(28);
  /** The clocks of processes may differ by this much. */
  private static final Duration TOLERANCE = Duration.ofSeconds(3);
  /** None of them is the error of a clock in a history: then two sources would agree on a wrong time. */
  private static final List<Long> WRONG_SECONDS = List.of(-3_600L, -600L, -60L, 60L, 600L, 3_600L);
  private static final Duration CLIENT_PATIENCE = Duration.ofSeconds(8);
  private static final int MAX_TRANSIT_MILLIS = 3_000;
  /** A request that its client has given up may reach the issuer this much later, at most. */
  private static final int MAX_LATE_MILLIS = 12_000;

  private final World world;
  private final Turns.Actor actor;
  private final ConnectionKey key;
  private final SharedClock clock;
  private final Instant killedAt;
  private final RefreshSteps steps;
  private final Grants grants;
  private boolean dead;
  private boolean timeWasWrong;
  private @Nullable TokenRequest request;
  /** A refresh token whose use has a definite outcome that this process has not recorded yet. */
  private @Nullable String unrecorded;
  private Instant leaseEnds = Instant.MIN;

  FakeProcess(World world, Turns.Actor actor, ConnectionKey key, Journal journal, Duration skew) {
    this.world = world;
    this.actor = actor;
    this.key = key;
    this.killedAt = world.now().plus(LIFE);
    actor.killAt(killedAt);
    this.clock = new SharedClock(new WorldClock(world, skew));
    this.grants = store(Grants.class, world.grants);
    var stores = new RefreshSteps.Stores(grants, store(DueGrants.class, world.dueGrants),
        store(Leases.class, world.leases));
    this.steps = new RefreshSteps(stores, this, clock, this::sleep, world.random, journal);
  }

  /** The clock of a process. It may be wrong. */
  private static final class WorldClock extends Clock {
    private final World world;
    private final Duration skew;

    WorldClock(World world, Duration skew) {
      this.world = world;
      this.skew = skew;
    }

    @Override
    public Instant instant() {
      return world.now().plus(skew);
    }

    @Override
    public ZoneId getZone() { return ZoneOffset.UTC; }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }

  /** Uses the grant, or has it renewed. Failures of the store end the invocation. */
  void refresh(boolean forced) {
    var refresher = steps.refresher();
    work(deadline -> {
      if (!forced) refresher.fresh(key, deadline);
      else
        grants.read(key).ifPresent(grant -> refresher.newerThan(grant, deadline));
    });
  }

  /** Works off an event of the schedule, which may be late or come twice, for the shard of the grant. */
  void runSchedule() {
    int shard = world.dueGrants.shardOf(key);
    work(deadline -> steps.scheduled(Runnable::run).run(shard, shard, deadline));
  }

  private void work(Consumer<Deadline> invocation) {
    try {
      invocation.accept(Deadline.in(Duration.ofSeconds(25)));
    } catch (Killed e) {
      die();
    } catch (StoreFault e) {
      // The caller gets an error.
    } finally {
      settle();
    }
  }

  /** Uses the token of the grant. The resource server takes it, or refuses it although it has just been renewed. */
  void use(boolean accepted) {
    try {
      grants.read(key).ifPresent(grant -> {
        sleep(Duration.ofMillis(world.random.nextInt(MAX_TRANSIT_MILLIS)));
        if (accepted) steps.refresher().noteAccepted(grant);
        else
          steps.refresher().noteRejected(grant);
      });
    } catch (Killed | StoreFault e) {
      // The caller gets an error.
    } finally {
      dead = true;
    }
  }

  /** An outcome that the process knew and did not record is lost: the other processes do not know it. */
  private void settle() {
    dead = true;
    if (unrecorded == null) return;
    world.noteLoss(unrecorded);
    world.forbidBefore(unrecorded, leaseEnds);
  }

  private void die() {
    dead = true;
    if (request != null) abandon(request);
  }

  private void abandon(TokenRequest open) {
    open.abandon();
    world.noteLoss(open.token());
  }

  private void step() {
    actor.pass();
    if (!world.now().isBefore(killedAt)) throw killed();
    if (world.faults.happens(Faults.Kind.KILLED)) throw killed();
  }

  private Killed killed() {
    dead = true;
    return new Killed();
  }

  private void sleep(Duration duration) {
    var until = world.now().plus(duration);
    do {
      step();
    } while (world.now().isBefore(until));
  }

  /** A failing call of the store. */
  private static final class StoreFault extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  private <T> T store(Class<T> type, T real) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[]{type},
        (_, method, arguments) -> call(real, method, arguments)));
  }

  private @Nullable Object call(Object real, Method method, Object[] arguments) throws Throwable {
    if (dead) throw new Killed();
    step();
    if (world.faults.happens(Faults.Kind.STORE_REFUSED)) throw new StoreFault();
    Object result;
    try {
      result = method.invoke(real, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
    world.trace(key.user() + " " + method.getName());
    world.look(key);
    observeTime();
    note(method.getName(), arguments, result);
    if (world.faults.happens(Faults.Kind.STORE_RESPONSE_LOST)) throw new StoreFault();
    step();
    return result;
  }

  /** The time in a response of the store. It is missing or wrong at most once in a process. */
  private void observeTime() {
    if (timeWasWrong) {
      clock.observe(world.now());
    } else if (world.faults.happens(Faults.Kind.WRONG_TIME)) {
      timeWasWrong = true;
      clock.observe(world.now().plusSeconds(WRONG_SECONDS.get(world.random.nextInt(WRONG_SECONDS.size()))));
    } else if (world.faults.happens(Faults.Kind.NO_TIME)) {
      timeWasWrong = true;
    } else {
      clock.observe(world.now());
    }
  }

  private void note(String method, Object[] arguments, @Nullable Object result) {
    boolean noted = method.equals("noteState") && Boolean.TRUE.equals(result);
    boolean committed = result instanceof Grants.GrantWriteResult written && written.done();
    if (noted || (method.equals("commit") && committed)) unrecorded = null;
    if (noted) noteWait((Grant) arguments[0], ((GrantState) arguments[1]).notBefore());
    boolean acquired = method.equals("acquire") && !(result instanceof Leases.Acquired.Held);
    if (acquired) leaseEnds = ((Lease) arguments[0]).until().minus(TOLERANCE);
  }

  /** No process may send the refresh token before the end of a wait that is noted in the grant. */
  private void noteWait(Grant grant, @Nullable Instant notBefore) {
    var token = grant.tokens().refreshToken();
    if (token != null && notBefore != null) world.forbidBefore(token.reveal(), notBefore.minus(TOLERANCE));
  }

  @Override
  public <T> T exchange(OutboundRequest outbound, Deadline deadline, ResponseReader<T> reader) {
    String form = new String(outbound.body(), UTF_8);
    // Metadata is not found.
    if (!form.contains("grant_type=refresh_token")) return MemoryResponse.read(reader, 404, "");
    step();
    if (world.faults.happens(Faults.Kind.UNREACHABLE)) throw unreachable(false);
    String token = form.replaceFirst(".*refresh_token=(refresh-[0-9-]+).*", "$1");
    return send(token, reader);
  }

  private <T> T send(String token, ResponseReader<T> reader) {
    boolean hangs = world.faults.happens(Faults.Kind.HANGS);
    boolean late = !hangs && world.faults.happens(Faults.Kind.LATE);
    int refusal = hangs || late ? 0 : refusal();
    var transit = Duration.ofMillis(world.random.nextInt(late ? MAX_LATE_MILLIS : MAX_TRANSIT_MILLIS));
    var arrives = world.now().plus(late ? CLIENT_PATIENCE : Duration.ZERO).plus(transit);
    var givesUp = world.now().plus(CLIENT_PATIENCE);
    var sent = new TokenRequest(token, hangs || refusal > 0 ? Instant.MAX : arrives,
        givesUp.isBefore(killedAt) ? givesUp : killedAt);
    request = sent;
    // Until the outcome is known, no process may send the token before the lease has run out.
    world.send(sent, key);
    world.forbidBefore(token, leaseEnds);
    while (refusal > 0 ? world.now().isBefore(arrives) : sent.isWaiting()) {
      patientStep(sent, givesUp);
    }
    patientStep(sent, givesUp);
    if (refusal > 0) return refused(sent, refusal, reader);
    return answered(sent, reader);
  }

  private void patientStep(TokenRequest sent, Instant givesUp) {
    step();
    if (world.now().isBefore(givesUp)) return;
    abandon(sent);
    throw unreachable(true);
  }

  private int refusal() {
    if (world.faults.happens(Faults.Kind.FORBIDDEN)) return 403;
    if (world.faults.happens(Faults.Kind.INVALID_REQUEST)) return 400;
    if (world.faults.happens(Faults.Kind.TOO_MANY)) return 429;
    return world.faults.happens(Faults.Kind.UNAVAILABLE) ? 503 : 0;
  }

  private <T> T refused(TokenRequest sent, int status, ResponseReader<T> reader) {
    sent.deliver();
    sent.abandon();
    // The token was not used.
    world.forbidBefore(sent.token(), Instant.MIN);
    if (status == 400 || status == 403) world.noteRefusal(sent.token());
    return MemoryResponse.read(reader, status, status == 400 ? "{\"error\":\"invalid_request\"}" : "");
  }

  private <T> T answered(TokenRequest sent, ResponseReader<T> reader) {
    sent.deliver();
    String renewed = sent.renewed();
    if (renewed == null) {
      unrecorded = sent.token();
      world.forbidBefore(sent.token(), Instant.MAX);
      return MemoryResponse.read(reader, 400, "{\"error\":\"invalid_grant\"}");
    }
    if (world.faults.happens(Faults.Kind.RESPONSE_LOST)) {
      world.noteLoss(sent.token());
      throw unreachable(true);
    }
    if (world.faults.happens(Faults.Kind.BAD_GATEWAY)) return lost(sent, 502, "bad gateway", reader);
    if (world.faults.happens(Faults.Kind.UNREADABLE)) return lost(sent, 200, "<html>", reader);
    unrecorded = sent.token();
    if (!renewed.equals(sent.token())) world.forbidBefore(sent.token(), Instant.MAX);
    else
      world.forbidBefore(sent.token(), Instant.MIN);
    return MemoryResponse.read(reader, 200, "{\"access_token\":\"access\",\"token_type\":\"Bearer\",\"expires_in\":600,"
        + "\"refresh_token\":\"" + renewed + "\"}");
  }

  private <T> T lost(TokenRequest sent, int status, String body, ResponseReader<T> reader) {
    world.noteLoss(sent.token());
    return MemoryResponse.read(reader, status, body);
  }

  private static Failure unreachable(boolean mayHaveArrived) {
    return new Failure.Unreachable(ErrorCode.UPSTREAM_UNREACHABLE, "unreachable", "", mayHaveArrived);
  }

  @Override
  public void admit(EndpointUrl url) {}
}
