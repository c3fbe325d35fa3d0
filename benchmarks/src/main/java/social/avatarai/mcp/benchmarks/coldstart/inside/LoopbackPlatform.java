package social.avatarai.mcp.benchmarks.coldstart.inside;

import social.avatarai.mcp.http.AddressPolicy;
import social.avatarai.mcp.lambda.AwsPlatform;

/** The platform of a deployment, with the one difference that servers on loopback may be called. */
public final class LoopbackPlatform extends AwsPlatform {
  /** For the service loader. */
  public LoopbackPlatform() {}

  @Override
  public AddressPolicy addressPolicy() {
    return AddressPolicy.withLoopback();
  }
}
