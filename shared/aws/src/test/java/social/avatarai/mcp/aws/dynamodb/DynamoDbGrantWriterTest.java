package social.avatarai.mcp.aws.dynamodb;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.testkit.store.Samples.NOW;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.testkit.store.Samples;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.GrantState;
import social.avatarai.mcp.token.GrantWriter;
import social.avatarai.mcp.token.StoreRetry;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;

/** The bug: a due marker could not be written, and the only copy of a new refresh token was lost. */
class DynamoDbGrantWriterTest {
  private final ByteArrayOutputStream log = new ByteArrayOutputStream();
  private final Grant grant = Samples.grant().inState(GrantState.healthy(NOW, 29_000_000));
  private int written;

  /** Refuses the first writes of markers. */
  private static final class NoMarkers implements ExecutionInterceptor {
    private int refused;
    private int marked;

    NoMarkers(int refused) {
      this.refused = refused;
    }

    @Override
    public void beforeExecution(Context.BeforeExecution context, ExecutionAttributes attributes) {
      boolean marker = context.request() instanceof PutItemRequest put
          && put.item().getOrDefault(Tables.PARTITION, Values.text("")).s().startsWith("due#");
      if (!marker) return;
      if (refused-- > 0) throw new IllegalStateException("invented fault");
      marked++;
    }
  }

  @BeforeAll
  static void makeTables() {
    assertThat(Stores.client()).isNotNull();
  }

  private int write(NoMarkers faults) {
    var marks = new DynamoDbDueGrants(Stores.clientWith(faults), Stores.TABLES);
    var journal = new Journal(new PrintStream(log, true, UTF_8), Clock.systemUTC());
    return new GrantWriter(marks, new StoreRetry(_ -> Thread.onSpinWait(), journal), journal).write(grant,
        Deadline.in(Duration.ofSeconds(10)), () -> ++written);
  }

  @ParameterizedTest
  @CsvSource({"0,1", "1,1", "2,0"})
  void grantIsWrittenOnceWhateverBecomesOfItsMarker(int refused, int marked) {
    var faults = new NoMarkers(refused);
    assertThat(write(faults)).isEqualTo(1);
    assertThat(faults.marked).isEqualTo(marked);
    assertThat(log.toString(UTF_8).lines()).hasSize(refused).allMatch(line -> line.contains("due_marker_failed"));
  }

  @Test
  void grantThatIsNeverDueIsNotMarked() {
    var faults = new NoMarkers(1);
    var marks = new DynamoDbDueGrants(Stores.clientWith(faults), Stores.TABLES);
    var never = grant.inState(GrantState.healthy(NOW, 0));
    var journal = new Journal(new PrintStream(log, true, UTF_8), Clock.systemUTC());
    new GrantWriter(marks, new StoreRetry(_ -> Thread.onSpinWait(), journal), journal).write(never,
        Deadline.in(Duration.ofSeconds(10)), () -> ++written);
    assertThat(written).isEqualTo(1);
    assertThat(faults.marked).isZero();
    assertThat(log.size()).isZero();
  }
}
