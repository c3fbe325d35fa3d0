package social.avatarai.mcp.local;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.DirectMethodHandleDesc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.jar.JarFile;
import java.util.stream.Stream;

/**
 * Which methods of ours can call which, read from the class files on the class path. The graph has more calls than can
 * happen: a call of an interface's method may reach every class of ours with this method. A lambda counts as run where
 * it is created. If a constructor creates it, it counts as run with every method of the object.
 */
final class CallGraph {
  /** What a rehearsal calls is a server of its own process, never AWS. */
  private static final String REHEARSAL = "social.avatarai.mcp.lambda.Rehearsal";

  private final Map<String, ClassModel> classes = new HashMap<>();
  private final Map<String, Set<String>> subtypes = new HashMap<>();
  private final Map<Method, List<Method>> calls = new HashMap<>();

  /** A method: its class in binary form with dots, its name, and its descriptor. */
  record Method(String owner, String name, String descriptor) {
    /** The outermost class of the method. */
    String outermost() {
      int nested = owner.indexOf('$');
      return nested < 0 ? owner : owner.substring(0, nested);
    }
  }

  /**
   * The code that is deployed, read once: our classes without those of the local runner and the test kit. The priming is
   * left out too: its clients have no network, so a function needs no right for it.
   */
  static CallGraph ofTheDeployment() {
    return Deployment.GRAPH;
  }

  private static final class Deployment {
    private static final String BASE = "social.avatarai.mcp.";
    static final CallGraph GRAPH = of(name -> name.startsWith(BASE)
        && Stream.of("local.", "testkit.", "lambda.Priming").noneMatch(other -> name.startsWith(BASE + other)));
  }

  /** The graph of the classes with these names. */
  private static CallGraph of(Predicate<String> ours) {
    var graph = new CallGraph();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1))
      graph.load(Path.of(entry), ours);
    graph.classes.forEach(graph::relate);
    graph.classes.forEach(graph::read);
    return graph;
  }

  Set<String> classNames() {
    return classes.keySet();
  }

  /** The methods of a class, with its constructors and initializers. */
  List<Method> methods(String owner) {
    return calls.keySet().stream().filter(method -> method.owner().equals(owner)).toList();
  }

  private List<Method> constructors(String owner) {
    return calls.keySet().stream().filter(m -> m.owner().equals(owner) && m.name().equals("<init>")).toList();
  }

  /** The methods of another class that this class and its nested classes call. */
  List<String> calledOf(String other, String within) {
    return calls.entrySet().stream().filter(entry -> entry.getKey().outermost().equals(within))
        .flatMap(entry -> entry.getValue().stream()).filter(called -> called.owner().equals(other)).map(Method::name)
        .distinct().toList();
  }

  /** What this method calls, as its code names it. Methods of other libraries are included. */
  List<Method> calledBy(Method method) {
    return calls.getOrDefault(method, List.of());
  }

  /** All methods of ours that may run when one of these runs. */
  Set<Method> reachableFrom(List<Method> entries) {
    var reached = new LinkedHashSet<>(entries);
    var open = new ArrayDeque<>(entries);
    while (!open.isEmpty()) {
      var method = open.poll();
      Stream.concat(calledBy(method).stream().flatMap(called -> targets(called).stream()),
          constructors(method.owner()).stream()).filter(next -> !next.owner().equals(REHEARSAL)).filter(reached::add)
          .forEach(open::add);
    }
    return reached;
  }

  private List<Method> targets(Method called) {
    if (called.name().equals("<init>")) return calls.containsKey(called) ? List.of(called) : List.of();
    var targets = new ArrayList<Method>();
    for (String type : subtypes.getOrDefault(called.owner(), Set.of(called.owner()))) {
      var target = new Method(type, called.name(), called.descriptor());
      if (calls.containsKey(target)) targets.add(target);
    }
    if (targets.isEmpty() && classes.containsKey(called.owner())) {
      supertypes(classes.get(called.owner()))
          .forEach(parent -> targets.addAll(targets(new Method(parent, called.name(), called.descriptor()))));
    }
    return targets;
  }

  private void load(Path entry, Predicate<String> ours) {
    try {
      if (Files.isDirectory(entry)) loadFolder(entry, ours);
      else if (entry.toString().endsWith(".jar") && Files.exists(entry)) loadJar(entry, ours);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void loadFolder(Path folder, Predicate<String> ours) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".class")).toList()) {
        String name = name(folder.relativize(file).toString());
        if (ours.test(name)) classes.put(name, ClassFile.of().parse(file));
      }
    }
  }

  private void loadJar(Path jar, Predicate<String> ours) throws IOException {
    try (var file = new JarFile(jar.toFile())) {
      for (var entry : file.stream().filter(e -> e.getName().endsWith(".class")).toList()) {
        String name = name(entry.getName());
        if (!ours.test(name)) continue;
        try (var bytes = file.getInputStream(entry)) {
          classes.put(name, ClassFile.of().parse(bytes.readAllBytes()));
        }
      }
    }
  }

  private static String name(String file) {
    return file.substring(0, file.length() - ".class".length()).replace('/', '.').replace(File.separatorChar, '.');
  }

  /** Adds a class to the subtypes of itself and of everything that it extends and implements. */
  private void relate(String name, ClassModel model) {
    var open = new ArrayDeque<>(List.of(name));
    var seen = new HashSet<String>();
    while (!open.isEmpty()) {
      String type = open.poll();
      if (!seen.add(type)) continue;
      subtypes.computeIfAbsent(type, _ -> new LinkedHashSet<>()).add(name);
      if (classes.containsKey(type)) open.addAll(supertypes(classes.get(type)));
    }
  }

  private static List<String> supertypes(ClassModel model) {
    return Stream.concat(model.superclass().stream(), model.interfaces().stream()).map(ClassEntry::asInternalName)
        .map(internal -> internal.replace('/', '.')).toList();
  }

  private void read(String name, ClassModel model) {
    for (MethodModel method : model.methods()) {
      if (method.code().isEmpty()) continue;
      var called = new ArrayList<Method>();
      method.code().get().forEach(element -> {
        switch (element) {
          case InvokeInstruction call -> called.add(new Method(call.owner().asInternalName().replace('/', '.'),
              call.name().stringValue(), call.type().stringValue()));
          case InvokeDynamicInstruction made -> made.bootstrapArgs().forEach(argument -> {
            if (argument instanceof DirectMethodHandleDesc handle) called.add(target(handle));
          });
          default -> {
          }
        }
      });
      calls.put(new Method(name, method.methodName().stringValue(), method.methodType().stringValue()), called);
    }
  }

  private static Method target(DirectMethodHandleDesc handle) {
    String owner = handle.owner().descriptorString();
    return new Method(owner.substring(1, owner.length() - 1).replace('/', '.'), handle.methodName(),
        handle.lookupDescriptor());
  }
}
