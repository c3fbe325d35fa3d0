package social.avatarai.mcp.token;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.UserId;

/**
 * The tokens of grants that are gone, until they are revoked. They are sealed at rest, and each is bound to its row.
 */
public interface ReplacedTokens {

  /** Stores a token. Of several versions of one grant, the latest is kept. */
  void keep(ReplacedToken token);

  /**
   * The tokens of a connection. The token that was replaced first comes first. A token that cannot be opened is
   * returned without its value. A row that cannot be read is left out.
   */
  List<ReplacedToken> of(ConnectionKey connection);

  /**
   * The user's kept tokens and grants of an issuer and client: one query of the partition. A grant counts even if it
   * cannot be opened. A grant that waits for a decision counts as long as it may still be stored, see
   * {@link WaitingGrant#mayBeStored}: otherwise its token would be revoked before the decision.
   */
  OfClient ofClient(UserId user, Issuer issuer, ClientId client, Instant now);

  /**
   * The kept tokens of a user for one issuer and client, and the user's grants of that client.
   *
   * @param grants the accounts of the user's grants of this issuer and client, on any connection, in use or waiting; an
   *        account that is not known, or cannot be opened, is empty
   * @param tokens the kept tokens of all connections, in the order of {@link #of}
   */
  record OfClient(List<Optional<Identity>> grants, List<ReplacedToken> tokens) {
    public OfClient {
      grants = List.copyOf(grants);
      tokens = List.copyOf(tokens);
    }

    /** Whether the revocation of this token could end a grant: one that is not known to be of another account. */
    boolean couldEndAGrant(ReplacedToken token) {
      return !grants.stream().allMatch(account -> Identity.differ(account.orElse(null), token.account()));
    }

    /** The tokens that can be revoked without ending a grant. */
    List<ReplacedToken> revocable() {
      return tokens.stream().filter(token -> !couldEndAGrant(token)).toList();
    }
  }

  /** The connections of the user that have kept tokens, each once. */
  List<ConnectionId> connections(UserId user);

  /** Deletes the rows of a connection that cannot be read, and returns how many there were. */
  int forgetUnreadable(ConnectionKey connection);

  /** Deletes a token, unless a later version of the token is stored by now. */
  void forget(ReplacedToken token);
}
