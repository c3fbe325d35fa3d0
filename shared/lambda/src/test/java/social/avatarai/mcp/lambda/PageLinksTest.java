package social.avatarai.mcp.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URLDecoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** No page sends its reader nowhere: every link within the project leads to a file, and to a heading of it. */
class PageLinksTest {
  @Test
  void everyLinkLeadsToAFileAndToAHeadingOfIt() throws IOException {
    var pages = MarkdownPage.all();
    assertThat(pages).hasSizeGreaterThan(50)
        .flatMap(page -> faults(page, pages)).as("links that lead nowhere").isEmpty();
  }

  private static List<String> faults(MarkdownPage page, List<MarkdownPage> pages) {
    Map<String, MarkdownPage> byName = pages.stream().collect(Collectors.toMap(MarkdownPage::name, one -> one));
    return MarkdownText.links(page.lines()).stream().filter(link -> !leads(page, link, byName))
        .map(link -> "%s:%d: %s#%s".formatted(page.name(), link.line(), link.page(), link.anchor())).toList();
  }

  private static boolean leads(MarkdownPage page, MarkdownText.Link link, Map<String, MarkdownPage> pages) {
    var target = link.page().isEmpty()
        ? Path.of(page.name())
        : Path.of(page.name()).resolveSibling(decoded(link.page())).normalize();
    if (!link.page().isEmpty() && !Files.exists(LimitTable.PROJECT.resolve(target))) return false;
    if (link.anchor().isEmpty()) return true;
    var found = pages.get(target.toString().replace('\\', '/'));
    return found != null && found.anchors().contains(decoded(link.anchor()));
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), UTF_8);
  }

  @Test
  void anchorsAreThoseOfGitHub() {
    assertThat(MarkdownPage.of("a.md", """
        # Who reaches the API?
        ## `POST /api/mcp/servers/{mcpId}/connect`
        ## Keys & secrets, [once](b.md) more
        ## 程序形式的服务器（stdio）
        ## Errors
            # a comment in code
        ## Errors
        """).anchors()).containsExactly("who-reaches-the-api", "post-apimcpserversmcpidconnect",
        "keys--secrets-once-more", "程序形式的服务器stdio", "errors", "errors-1");
  }

  @Test
  void linksThatLeadNowhereAreNoticed() {
    var other = MarkdownPage.of("docs/api.md", "# Errors\n## 错误\n");
    var page = MarkdownPage.of("docs/page.md",
        """
            # Title
            Good: [a](api.md#errors), [b](api.md), [c](#title), [d](../README.md), [e](api.md#错误), [f](api.md#%E9%94%99%E8%AF%AF),
            [g](https://example.com/none.md#x), [h](decisions/), `[i](none.md)`.
            Bad: [j](api.md#error), [k](none.md), [l](#other), [m](README.md), [`n`](#n), [o](operations.json#x).

                [p](none.md)
            """);
    assertThat(faults(page, List.of(page, other))).containsExactly("docs/page.md:4: api.md#error",
        "docs/page.md:4: none.md#", "docs/page.md:4: #other", "docs/page.md:4: README.md#", "docs/page.md:4: #n",
        "docs/page.md:4: operations.json#x");
  }
}
