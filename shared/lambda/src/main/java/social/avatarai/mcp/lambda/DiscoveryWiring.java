package social.avatarai.mcp.lambda;

import social.avatarai.mcp.Journal;
import social.avatarai.mcp.Pause;
import social.avatarai.mcp.discovery.Discovery;
import social.avatarai.mcp.discovery.IssuerMigration;
import social.avatarai.mcp.discovery.IssuerRules;
import social.avatarai.mcp.discovery.MetadataCache;
import social.avatarai.mcp.discovery.Profiles;
import social.avatarai.mcp.discovery.Strictness;
import social.avatarai.mcp.http.AddressPolicy;
import social.avatarai.mcp.http.Outbound;
import social.avatarai.mcp.http.OutboundDoor;
import social.avatarai.mcp.http.SlotGate;
import social.avatarai.mcp.http.SlowCalls;

/** The outbound door, and the steps that find servers and their authorization servers through this door. */
final class DiscoveryWiring {
  private final Settings settings;
  private final Platform platform;
  private final Profiles profiles;
  private final Journal journal;
  private final StoreWiring stores;
  private final Once once = new Once();

  DiscoveryWiring(Settings settings, Platform platform, Profiles profiles, Journal journal, StoreWiring stores) {
    this.settings = settings;
    this.platform = platform;
    this.profiles = profiles;
    this.journal = journal;
    this.stores = stores;
  }

  /** The addresses that the platform allows, without the networks that the operator forbids. */
  AddressPolicy addressPolicy() {
    return platform.addressPolicy().without(settings.forbiddenNetworks());
  }

  Outbound outbound() {
    return once.get(OutboundDoor.class, () -> new OutboundDoor(addressPolicy(), slowCalls()::take));
  }

  /** Closes the door, when nothing is sent any more. */
  void close() {
    once.find(OutboundDoor.class).ifPresent(OutboundDoor::close);
  }

  /** How a user's call waits for another call. */
  Pause pause() {
    return slowCalls().pausing(platform.pause(), false);
  }

  /** How a user's call waits before it asks again for the response to a request that it has sent. */
  Pause pauseBeforeResuming() {
    return slowCalls().pausing(platform.pause(), true);
  }

  /** What a call passes before it sends a request that cannot be cut off. */
  SlotGate gate() {
    return slowCalls();
  }

  private SlowCalls slowCalls() {
    return once.get(SlowCalls.class,
        () -> new SlowCalls(stores::slowCallSlots, settings.budgets().slowCalls(), platform.clock(), journal));
  }

  Strictness strictness() {
    return settings.strictness();
  }

  IssuerRules rules() {
    return once.get(IssuerRules.class, () -> new IssuerRules(profiles, settings.bindings(), settings.pkceExceptions(),
        settings.plainCallbackIssuers(), settings.strictness()));
  }

  Discovery discovery() {
    return once.get(Discovery.class,
        () -> new Discovery(outbound(), new MetadataCache(platform.clock()), profiles, platform.clock()));
  }

  IssuerMigration migration() {
    return once.get(IssuerMigration.class, () -> new IssuerMigration(discovery(), rules()));
  }
}
