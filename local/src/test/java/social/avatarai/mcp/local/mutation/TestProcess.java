package social.avatarai.mcp.local.mutation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TagFilter;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * Runs test classes in a process of its own, and writes one line for each test into a file: {@code passed},
 * {@code failed} or {@code broken}, then {@code Class.method}. A test is broken if the classes do not fit together, or
 * if all tests around it could not be prepared.
 */
final class TestProcess implements TestExecutionListener {
  private final List<String> lines = new ArrayList<>();
  private final TestPlan plan;

  private TestProcess(TestPlan plan) {
    this.plan = plan;
  }

  /** The file for the results, then the names of the test classes. */
  public static void main(String[] arguments) throws IOException {
    var classes = Arrays.stream(arguments).skip(1).map(DiscoverySelectors::selectClass).toList();
    var request = LauncherDiscoveryRequestBuilder.request().selectors(classes).filters(TagFilter.excludeTags("long"))
        .build();
    var launcher = LauncherFactory.create();
    var plan = launcher.discover(request);
    var results = new TestProcess(plan);
    launcher.execute(plan, results);
    Files.write(Path.of(arguments[0]), results.lines);
    // Threads that a test has left behind must not keep the process.
    System.exit(0);
  }

  @Override
  public void executionFinished(TestIdentifier test, TestExecutionResult result) {
    var failure = result.getThrowable();
    failure.ifPresent(Throwable::printStackTrace);
    if (test.isTest()) note(failure.map(TestProcess::kind).orElse("passed"), test);
    else if (failure.isPresent()) note("broken", test);
  }

  private static String kind(Throwable failure) {
    return failure instanceof LinkageError ? "broken" : "failed";
  }

  private synchronized void note(String kind, TestIdentifier test) {
    lines.add(kind + " " + name(test));
  }

  /** The method of a test, or of the test that made it. */
  private String name(TestIdentifier test) {
    for (var at = Optional.of(test); at.isPresent(); at = at.flatMap(plan::getParent)) {
      if (at.get().getSource().orElse(null) instanceof MethodSource method) {
        String testClass = method.getClassName();
        return testClass.substring(testClass.lastIndexOf('.') + 1) + "." + method.getMethodName();
      }
    }
    return test.getDisplayName();
  }
}
