package social.avatarai.mcp.local;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * What {@code local/run} prints on a machine that lacks what its build needs. The test runs {@code local/build}
 * unchanged, without the rest of the project.
 */
@DisabledOnOs(OS.WINDOWS)
class LocalBuildTest {
  /** The folders outside of the user's home in which the script looks for JDKs. */
  private static final String SYSTEM_FOLDERS = " /(usr/lib/jvm|Library/Java|opt)/[^\\s;]+";

  @TempDir
  private Path folder;

  private static Path executable(Path file, String text) throws Exception {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** What the scripts print on standard error. They must have ended with 2. */
  private List<String> faultOfRun(String javaVersion) throws Exception {
    var local = Path.of("..", "local");
    executable(folder.resolve("local/run"), Files.readString(local.resolve("run")));
    executable(folder.resolve("local/build"),
        Files.readString(local.resolve("build")).replaceAll(SYSTEM_FOLDERS, ""));
    executable(folder.resolve("bin/java"), "#!/bin/sh\necho 'openjdk version \"" + javaVersion + "\"' >&2\n");
    for (String tool : List.of("bash", "env", "dirname", "find", "grep", "head"))
      Files.createSymbolicLink(folder.resolve("bin").resolve(tool), toolOnPath(tool));
    var err = folder.resolve("err");
    var builder = new ProcessBuilder(folder.resolve("local/run").toString()).redirectError(err.toFile())
        .redirectOutput(folder.resolve("out").toFile());
    builder.environment().clear();
    builder.environment().put("PATH", folder.resolve("bin").toString());
    builder.environment().put("HOME", folder.toString());
    var process = builder.start();
    try {
      assertThat(process.waitFor(60, SECONDS)).isTrue();
      assertThat(process.exitValue()).isEqualTo(2);
    } finally {
      process.destroyForcibly();
    }
    return Files.readAllLines(err);
  }

  private static Path toolOnPath(String tool) {
    return List.of(System.getenv("PATH").split(":", -1)).stream().map(Path::of).map(path -> path.resolve(tool))
        .filter(Files::isExecutable).findFirst().orElseThrow();
  }

  @Test
  void saysThatThereIsNoJdk() throws Exception {
    assertThat(faultOfRun("17.0.15"))
        .containsExactly("local/build: there is no JDK 25: install one, or set JAVA_HOME to it.");
  }

  @Test
  void saysThatThereIsNoMaven() throws Exception {
    assertThat(faultOfRun("25.0.3")).containsExactly("local/build: there is no mvn: install Maven 3.8 or newer.");
  }
}
