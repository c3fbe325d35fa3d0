package social.avatarai.mcp.lambda;

import java.time.Clock;
import java.util.Set;
import java.util.function.Consumer;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.discovery.Profiles;
import social.avatarai.mcp.flow.Flow;
import social.avatarai.mcp.token.Grants;

/**
 * Connects everything by hand; {@link Steps} has a class for each step. A process has one wiring, and another one for the
 * time of a {@link Rehearsal}.
 */
public final class Wiring implements AutoCloseable {
  private static final Set<String> STARTED_AHEAD = Set.of("snap-start", "provisioned-concurrency");

  private final Settings settings;
  private final Platform platform;
  private final Profiles profiles;
  private final Clock clock;
  private final Journal journal;
  private final Steps steps;

  public Wiring(Settings settings, Profiles profiles, Platform platform, Journal journal) {
    this.settings = settings;
    this.profiles = profiles;
    this.platform = platform;
    this.clock = platform.clock();
    this.journal = journal;
    this.steps = new Steps(settings, profiles, platform, journal);
  }

  /** The wiring of a function whose calls read the stores and call servers: both are primed while the process starts. */
  public static Wiring primed() {
    return primed(Platform.present(), _ -> {});
  }

  /** The same for a function whose first call is rehearsed where Lambda starts a process ahead of its events. */
  public static Wiring rehearsed(Rehearsal rehearsal) {
    return rehearsed(Platform.present(), rehearsal);
  }

  static Wiring rehearsed(Platform platform, Rehearsal rehearsal) {
    return primed(platform, wiring -> {
      try {
        rehearsal.run(wiring);
      } finally {
        wiring.steps.buildClients();
      }
    });
  }

  /** @param ahead what is done at the end, where no event waits */
  private static Wiring primed(Platform platform, Consumer<Wiring> ahead) {
    if (!platform.primes()) return of(platform);
    var priming = Priming.begin(platform.journal());
    var wiring = of(platform);
    if (isStartedAhead(platform)) {
      priming.thenRun(() -> ahead.accept(wiring));
      priming.await();
    }
    return wiring;
  }

  /**
   * Whether Lambda starts this process ahead of its events: for a snapshot, or as provisioned. Any other process is
   * frozen as soon as it waits for an event.
   */
  private static boolean isStartedAhead(Platform platform) {
    return STARTED_AHEAD.contains(platform.environment().getOrDefault("AWS_LAMBDA_INITIALIZATION_TYPE", ""));
  }

  /** The wiring of a function on Lambda: the platform gives the environment, and the environment the settings. */
  public static Wiring fromEnvironment() {
    return of(Platform.present());
  }

  private static Wiring of(Platform platform) {
    var settings = Settings.read(platform.environment(), Profiles.load());
    return new Wiring(settings, settings.profiles(), platform, platform.journal());
  }

  public Settings settings() {
    return settings;
  }

  public Journal journal() {
    return journal;
  }

  Clock clock() {
    return clock;
  }

  public TokenBody tokenBody() {
    return new TokenBody(settings.fullTokenResponses(), clock);
  }

  public OutcomeReply outcomeReply() {
    return new OutcomeReply(tokenBody());
  }

  /** The flow. Its steps are built when they are needed. */
  public Flow flow() {
    return new Flow(steps);
  }

  /** The same settings on another platform, for a rehearsal. */
  Wiring on(Platform other) {
    return new Wiring(settings, profiles, other, other.journal());
  }

  Grants grants() {
    return steps.grants();
  }

  /** Ends a wiring that gets no request any more. That of a function lives as long as its process. */
  @Override
  public void close() {
    steps.close();
  }
}
