package social.avatarai.mcp.resource;

/** What the response to a request says about the agreement that the request relied on. */
enum AgreementVerdict {
  /** The response says nothing about the agreement. */
  STANDS,
  /**
   * The agreement may be the cause of the refusal, but the server may have carried the request out. The next call begins
   * without the agreement.
   */
  IN_DOUBT,
  /**
   * The server seems to be of another era. The client agrees again in the same call, and sends the request again only to
   * a server of another era.
   */
  OF_ANOTHER_ERA,
  /** The server does not know the agreement, and so has carried nothing out. The client agrees again and sends again. */
  ENDED
}
