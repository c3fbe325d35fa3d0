package social.avatarai.mcp.lambda;

import java.time.Clock;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.discovery.Profiles;
import social.avatarai.mcp.flow.Flow;

/** Connects everything by hand; {@link Steps} has a class for each step. There is one wiring per process. */
public final class Wiring {
  private final Settings settings;
  private final Platform platform;
  private final Profiles profiles;
  private final Clock clock;
  private final Journal journal;

  public Wiring(Settings settings, Profiles profiles, Platform platform, Journal journal) {
    this.settings = settings;
    this.profiles = profiles;
    this.platform = platform;
    this.clock = platform.clock();
    this.journal = journal;
  }

  /** The wiring of a function whose calls read the stores and call servers: both are primed while the process starts. */
  public static Wiring primed() {
    var platform = Platform.present();
    platform.prime();
    return of(platform);
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
    return new Flow(new Steps(settings, profiles, platform, journal));
  }
}
