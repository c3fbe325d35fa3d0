package social.avatarai.mcp.benchmarks.coldstart;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * The caches of the JVM, one for each Java function and mode. The name of a cache is a hash of the jars and of the JDK:
 * the JVM compares only sizes and times of jars, so a stale cache would run old code without a word.
 */
final class Caches {
  private final Path folder;
  private final Path jdk;
  private final Launcher launcher;

  Caches(Path folder, Path jdk, Launcher launcher) {
    this.folder = folder;
    this.jdk = jdk;
    this.launcher = launcher;
  }

  /** The options with which the JVM uses the cache of this mode. The cache is made if it is missing. */
  List<String> options(Contestant contestant, Mode mode) throws Exception {
    if (mode == Mode.PLAIN || !(contestant.program() instanceof Contestant.JavaProgram program)) return List.of();
    var file = file(program, mode);
    if (!Files.exists(file)) {
      System.err.println("making " + file.getFileName() + " for " + contestant.name() + " …");
      launcher.train(contestant, mode.writing(file.toString()));
    }
    return List.of(mode.using(file.toString()));
  }

  Path file(Contestant.JavaProgram program, Mode mode) throws IOException {
    return folder.resolve(hash(program).substring(0, 16) + mode.suffix());
  }

  private String hash(Contestant.JavaProgram program) throws IOException {
    try {
      var digest = MessageDigest.getInstance("SHA-256");
      digest.update(Files.readAllBytes(jdk.resolve("release")));
      for (String jar : program.classPath()) {
        digest.update(jar.getBytes(UTF_8));
        digest.update(Files.readAllBytes(Path.of(jar)));
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
