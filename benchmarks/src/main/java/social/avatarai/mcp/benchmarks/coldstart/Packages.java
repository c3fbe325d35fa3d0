package social.avatarai.mcp.benchmarks.coldstart;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import social.avatarai.mcp.benchmarks.coldstart.inside.AwsClassesHandler;
import social.avatarai.mcp.benchmarks.coldstart.inside.BareHandler;
import social.avatarai.mcp.benchmarks.coldstart.inside.FirstUses;
import social.avatarai.mcp.benchmarks.coldstart.inside.LoopbackPlatform;
import social.avatarai.mcp.lambda.Platform;

/** The class paths of the Java functions: the jars of the archives that are deployed, and those of Lambda's runtime. */
final class Packages {
  private final Path archives;
  private final Path root;
  private final Path work;

  Packages(Path root, Path work) {
    this(root, root, work);
  }

  private Packages(Path archives, Path root, Path work) {
    this.archives = archives;
    this.root = root;
    this.work = work;
  }

  /** The packages of another checkout, on the runtime of this one. */
  Packages of(Path checkout) throws IOException {
    return new Packages(checkout, root, Files.createDirectories(work.resolve("of-" + checkout.getFileName())));
  }

  /** A function of this project. The first jar of its class path allows servers on loopback. */
  Contestant.JavaProgram function(String folder, String handler) throws IOException {
    var libraries = unpacked(folder);
    return program(handler, Stream.of(loopbackJar(), jars(libraries), runtime()));
  }

  /** access-resource, with a handler of ours before it that leaves the JSON to Lambda's runtime. */
  Contestant.JavaProgram byRuntime() throws IOException {
    var own = work.resolve("aws-classes.jar");
    try (var out = new JarOutputStream(Files.newOutputStream(own))) {
      add(out, AwsClassesHandler.class);
    }
    return program(AwsClassesHandler.class.getName(),
        Stream.of(loopbackJar(), List.of(own.toString()), jars(unpacked("access-resource")), runtime()));
  }

  /** The function that returns a constant, with the libraries that the runtime interface client needs. */
  Contestant.JavaProgram bare() throws IOException {
    var libraries = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(jar -> jar.contains("/aws-lambda-java-core-") || jar.contains("/utils-lite-")).toList();
    return program(BareHandler.class.getName(), Stream.of(bareJar(), libraries, runtime()));
  }

  private static Contestant.JavaProgram program(String handler, Stream<List<String>> classPath) {
    return new Contestant.JavaProgram(classPath.flatMap(List::stream).toList(), handler);
  }

  private Path unpacked(String folder) throws IOException {
    var libraries = work.resolve(folder).resolve("lib");
    if (Files.exists(libraries)) return libraries;
    Files.createDirectories(libraries);
    try (var zip = FileSystems.newFileSystem(archives.resolve("functions/" + folder + "/target/" + folder + ".zip"));
        var jars = Files.list(zip.getPath("lib"))) {
      for (var jar : jars.toList())
        Files.copy(jar, libraries.resolve(jar.getFileName().toString()));
    }
    return libraries;
  }

  private List<String> runtime() throws IOException {
    return jars(root.resolve("local/target/runtime"));
  }

  private static List<String> jars(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      return files.map(Path::toString).filter(name -> name.endsWith(".jar")).sorted().toList();
    }
  }

  private List<String> loopbackJar() throws IOException {
    var jar = work.resolve("loopback.jar");
    try (var out = new JarOutputStream(Files.newOutputStream(jar))) {
      add(out, LoopbackPlatform.class);
      add(out, FirstUses.class);
      out.putNextEntry(entry("META-INF/services/" + Platform.class.getName()));
      out.write(LoopbackPlatform.class.getName().getBytes(UTF_8));
    }
    return List.of(jar.toString());
  }

  private List<String> bareJar() throws IOException {
    var jar = work.resolve("bare.jar");
    try (var out = new JarOutputStream(Files.newOutputStream(jar))) {
      add(out, BareHandler.class);
    }
    return List.of(jar.toString());
  }

  private static void add(JarOutputStream out, Class<?> type) throws IOException {
    String file = type.getName().replace('.', '/') + ".class";
    out.putNextEntry(entry(file));
    try (InputStream in = Objects.requireNonNull(type.getClassLoader().getResourceAsStream(file))) {
      in.transferTo((OutputStream) out);
    }
  }

  /** Without the time, so that the same classes make the same jar. */
  private static JarEntry entry(String name) {
    var entry = new JarEntry(name);
    entry.setTime(0);
    return entry;
  }
}
