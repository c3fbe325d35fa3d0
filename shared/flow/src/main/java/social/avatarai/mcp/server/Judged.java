package social.avatarai.mcp.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.record.Precondition;
import social.avatarai.mcp.record.ServerRecord;
import social.avatarai.mcp.server.ServerImport.Named;

/** A record of an import that was judged before anything is written. */
sealed interface Judged {
  Named named();

  /**
   * A record of one user.
   *
   * @param expected what the write must find
   */
  record Own(Named named, ServerRecord record, Precondition expected) implements Judged {}

  /** A record of the operator, for all users. */
  record BuiltIn(Named named, ObjectNode body) implements Judged {}

  /**
   * A built-in record that this import does not store. Lists show such records among those of the user.
   *
   * @param reason why
   */
  record Foreign(Named named, String reason) implements Judged {}

  record Wrong(Named named, Failure failure) implements Judged {}

  default boolean isWrong() { return this instanceof Wrong; }
}
