package social.avatarai.mcp.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Clock;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.Journal;

class PrimingTest {
  private final ByteArrayOutputStream log = new ByteArrayOutputStream();
  private final Priming priming = new Priming(new Journal(new PrintStream(log, true, UTF_8), Clock.systemUTC()));

  @Test
  void everyPartOfThePrimingEndsWithoutAFault() throws InterruptedException {
    // The SDK takes these in place of the environment of a function. There is no network that could be asked.
    System.setProperty("aws.region", "eu-north-1");
    System.setProperty("aws.accessKeyId", "none");
    System.setProperty("aws.secretAccessKey", "none");
    try {
      for (var part : priming.begin())
        part.join();
    } finally {
      System.clearProperty("aws.region");
      System.clearProperty("aws.accessKeyId");
      System.clearProperty("aws.secretAccessKey");
    }
    assertThat(log.toString(UTF_8)).isEmpty();
  }

  @Test
  void faultOfThePrimingIsLoggedAndEndsNothing() throws InterruptedException {
    priming.begin("part", () -> {
      throw new IllegalStateException("a secret");
    }).join();
    assertThat(log.toString(UTF_8)).contains("priming_failed", "\"part\":\"part\"", "IllegalStateException")
        .doesNotContain("a secret");
  }
}
