package social.avatarai.mcp.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The project's documentation for the start page: the READMEs and the pages of {@code docs/}, as text. */
final class LocalDocuments {
  private LocalDocuments() {}

  /** The files in their order, by their paths below the project's folder. */
  static Map<String, Path> of(Path project) throws IOException {
    var documents = new TreeMap<String, Path>();
    for (Path folder : List.of(project, project.resolve("docs"))) {
      try (var files = Files.newDirectoryStream(folder, "*.md")) {
        files.forEach(file -> documents.put(project.relativize(file).toString(), file));
      }
    }
    return documents;
  }
}
