package social.avatarai.mcp.record;

/** The kinds of things that an MCP server offers, in the order in which they are listed and stored. */
public enum OfferKind {
  TOOLS("tools", "tools", "tools/list"),

  RESOURCES("resources", "resources", "resources/list"),

  RESOURCE_TEMPLATES("resources", "resourceTemplates", "resources/templates/list"),

  PROMPTS("prompts", "prompts", "prompts/list");

  private final String capability;
  private final String member;
  private final String method;

  OfferKind(String capability, String member, String method) {
    this.capability = capability;
    this.member = member;
    this.method = method;
  }

  /** The capability that a server with such things declares. */
  public String capability() {
    return capability;
  }

  /** The member of a result, and of a record's capability, that has the list. */
  public String member() {
    return member;
  }

  /** The MCP request that lists such things. */
  public String method() {
    return method;
  }
}
