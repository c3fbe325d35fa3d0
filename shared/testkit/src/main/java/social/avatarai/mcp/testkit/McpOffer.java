package social.avatarai.mcp.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import social.avatarai.mcp.http.Json;

/**
 * What a {@link FakeMcpServer} offers in place of its two tools: tools, resources, resource templates and prompts, page
 * by page. It declares the capabilities of those kinds alone that have been named here.
 */
public final class McpOffer {
  private static final Map<String, String> MEMBERS = Map.of("tools/list", "tools", "resources/list", "resources",
      "resources/templates/list", "resourceTemplates", "prompts/list", "prompts");

  private final Map<String, List<ObjectNode>> kinds = new LinkedHashMap<>();
  private int pageSize = Integer.MAX_VALUE;
  private String instructions = "";

  McpOffer() {}

  /** Adds a tool, or changes the description of the one with this name. */
  public McpOffer tool(String name, String description) {
    return tool(name, description, Json.newObject().put("type", "object"));
  }

  /** Adds a tool with this input schema, or changes the one with this name. */
  public McpOffer tool(String name, String description, ObjectNode schema) {
    withoutTool(name);
    var tool = Json.newObject().put("name", name).put("description", description);
    tool.set("inputSchema", schema);
    return with("tools", tool);
  }

  public McpOffer withoutTool(String name) {
    of("tools").removeIf(tool -> tool.path("name").asText().equals(name));
    return this;
  }

  public McpOffer resource(String uri) {
    return with("resources", Json.newObject().put("uri", uri).put("name", uri));
  }

  public McpOffer resourceTemplate(String uriTemplate) {
    of("resources");
    return with("resourceTemplates", Json.newObject().put("uriTemplate", uriTemplate).put("name", uriTemplate));
  }

  public McpOffer prompt(String name) {
    return with("prompts", Json.newObject().put("name", name));
  }

  /** How many things a page has. */
  public McpOffer pageSize(int things) {
    pageSize = things;
    return this;
  }

  public McpOffer instructions(String text) {
    instructions = text;
    return this;
  }

  private McpOffer with(String member, ObjectNode thing) {
    of(member).add(thing);
    return this;
  }

  private List<ObjectNode> of(String member) {
    return kinds.computeIfAbsent(member, _ -> new ArrayList<>());
  }

  boolean isListed(String method) {
    return MEMBERS.containsKey(method) && kinds.containsKey(MEMBERS.get(method));
  }

  boolean hasTools() {
    return kinds.containsKey("tools");
  }

  /** Declares what there is in the description of the server. */
  void describeIn(ObjectNode description) {
    var capabilities = description.putObject("capabilities");
    if (kinds.isEmpty()) capabilities.putObject("tools");
    if (kinds.containsKey("tools")) capabilities.putObject("tools").put("listChanged", true);
    if (kinds.containsKey("resources")) capabilities.putObject("resources");
    if (kinds.containsKey("prompts")) capabilities.putObject("prompts");
    if (!instructions.isEmpty()) description.put("instructions", instructions);
  }

  /** The page of a list. The cursor is the number of the first thing on it. */
  ObjectNode page(String method, JsonNode params) {
    String member = MEMBERS.getOrDefault(method, "");
    var all = of(member);
    int from = params.path("cursor").isTextual() ? Integer.parseInt(params.path("cursor").textValue()) : 0;
    int to = (int) Math.min(all.size(), (long) from + pageSize);
    var result = Json.newObject();
    result.putArray(member).addAll(all.subList(from, to).stream().map(ObjectNode::deepCopy).toList());
    if (to < all.size()) result.put("nextCursor", Integer.toString(to));
    return result;
  }
}
