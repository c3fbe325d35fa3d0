package social.avatarai.mcp.lambda;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;

/** The libraries of a function are merged into one jar (decision 0061), which has one file of each name. */
class LibrariesTest {
  /** The repositories' folders of the libraries that functions have. Other libraries are those of tests. */
  private static final Pattern OF_FUNCTIONS = Pattern.compile(".*/(software/amazon/(awssdk|eventstream)"
      + "|com/amazonaws/aws-lambda-java-[a-z]+|com/fasterxml/jackson|org/(apache/httpcomponents|brotli|slf4j"
      + "|reactivestreams|jspecify))/.*\\.jar");
  /** What the merged jar leaves out, joins, or has once for all of them. */
  private static final Pattern HANDLED = Pattern.compile("META-INF/(MANIFEST\\.MF|DEPENDENCIES|[^/]*LICENSE[^/]*"
      + "|NOTICE[^/]*|services/.*)|(.*/)?module-info\\.class");

  @Test
  void noTwoLibrariesHaveAFileOfTheSameName() throws IOException {
    Map<String, List<String>> owners = new HashMap<>();
    var libraries = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(path -> OF_FUNCTIONS.matcher(path).matches()).toList();
    assertThat(libraries).hasSizeGreaterThan(30);
    for (String library : libraries) {
      try (var jar = new JarFile(library)) {
        jar.stream().filter(entry -> !entry.isDirectory()).map(ZipEntry::getName)
            .filter(name -> !HANDLED.matcher(name).matches())
            .forEach(name -> owners.computeIfAbsent(name, _ -> new ArrayList<>()).add(new File(library).getName()));
      }
    }
    owners.values().removeIf(jars -> jars.size() == 1);
    assertThat(owners).isEmpty();
  }
}
