package social.avatarai.mcp.benchmarks.coldstart.inside;

import social.avatarai.mcp.http.AddressPolicy;
import social.avatarai.mcp.lambda.AwsPlatform;

/** The platform of a deployment, with the differences that a benchmark needs. */
public final class LoopbackPlatform extends AwsPlatform {
  /** Set to {@code off}, this variable shows what a cold start without priming takes. */
  public static final String PRIMING = "BENCHMARK_PRIMING";

  /** For the service loader. */
  public LoopbackPlatform() {}

  @Override
  public boolean primes() {
    return !"off".equals(environment().get(PRIMING));
  }

  @Override
  public AddressPolicy addressPolicy() {
    return AddressPolicy.withLoopback();
  }
}
