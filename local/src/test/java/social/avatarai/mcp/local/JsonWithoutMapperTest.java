package social.avatarai.mcp.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.local.CallGraph.Method;

/** Jackson's {@code ObjectMapper} costs a cold start 0.2 s, and {@code toString()} of a tree starts it. */
class JsonWithoutMapperTest {
  private static final String DATABIND = "com.fasterxml.jackson.databind.";

  @Test
  void noFunctionStartsTheMapper() {
    var graph = CallGraph.ofTheDeployment();
    var handlers = graph.classNames().stream().filter(name -> name.matches(".*\\.(functions|lambda)\\..*Handler"))
        .flatMap(name -> graph.methods(name).stream()).toList();
    assertThat(handlers).hasSizeGreaterThan(50);
    var callers = graph.reachableFrom(handlers).stream()
        .filter(method -> graph.calledBy(method).stream().anyMatch(JsonWithoutMapperTest::startsTheMapper)).toList();
    assertThat(callers).isEmpty();
  }

  private static boolean startsTheMapper(Method called) {
    boolean isTree = called.owner().startsWith(DATABIND)
        && List.of("toString", "toPrettyString").contains(called.name());
    return isTree || called.owner().matches(DATABIND.replace(".", "\\.") + "(ObjectMapper|ObjectReader|ObjectWriter)");
  }
}
