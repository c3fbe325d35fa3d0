package social.avatarai.mcp.token;

/** Tells whether a grant that is switched off is still to be. */
@FunctionalInterface
public interface GrantSwitch {

  /**
   * The grant, switched on where its record says so. A call that changes a record switches the grant off before it
   * writes the record. If that call is cut off, the grant stays switched off under a record that is not.
   */
  Grant current(Grant grant);
}
