package social.avatarai.mcp.local;

import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.testkit.Demo;

/**
 * The page at the service's own address, for newcomers: where everything is, and a button that connects the demo
 * server.
 *
 * @param base the address of this service
 * @param demo null if the demo servers are switched off
 * @param documents files of the documentation by their paths
 */
record StartPage(String base, @Nullable Demo demo, Map<String, Path> documents) {
  static final String DOCUMENTS_PATH = "/local/docs/";

  String html() {
    return LocalPages.resource("start.html").replace("{{documents}}", links()).replace("{{demo}}", demoSection());
  }

  private String demoSection() {
    if (demo == null) return "";
    return LocalPages.resource("demo.html").replace("{{mcp}}", escape(demo.mcpUrl()))
        .replace("{{issuer}}", escape(demo.issuer()))
        .replace("{{calls}}", escape(SevenCalls.of(base, demo.mcpUrl(), demo.issuer())));
  }

  private String links() {
    return documents.keySet().stream().map(StartPage::escape)
        .map(name -> "<li><a href=\"" + DOCUMENTS_PATH + name + "\">" + name + "</a></li>")
        .collect(Collectors.joining("\n"));
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
  }
}
