package social.avatarai.mcp.lambda;

import social.avatarai.mcp.discovery.Discovery;
import social.avatarai.mcp.discovery.IssuerMigration;
import social.avatarai.mcp.discovery.IssuerRules;
import social.avatarai.mcp.discovery.MetadataCache;
import social.avatarai.mcp.discovery.Profiles;
import social.avatarai.mcp.http.Outbound;
import social.avatarai.mcp.http.OutboundDoor;

/** The outbound door, and the steps that find servers and their authorization servers through this door. */
final class DiscoveryWiring {
  private final Settings settings;
  private final Platform platform;
  private final Profiles profiles;
  private final Once once = new Once();

  DiscoveryWiring(Settings settings, Platform platform, Profiles profiles) {
    this.settings = settings;
    this.platform = platform;
    this.profiles = profiles;
  }

  Outbound outbound() {
    return once.get(Outbound.class, () -> new OutboundDoor(platform.addressPolicy()));
  }

  IssuerRules rules() {
    return once.get(IssuerRules.class, () -> new IssuerRules(profiles, settings.bindings(), settings.pkceExceptions(),
        settings.plainCallbackIssuers(), settings.strictness()));
  }

  Discovery discovery() {
    return once.get(Discovery.class,
        () -> new Discovery(outbound(), new MetadataCache(platform.clock()), platform.clock()));
  }

  IssuerMigration migration() {
    return once.get(IssuerMigration.class, () -> new IssuerMigration(discovery(), rules()));
  }
}
