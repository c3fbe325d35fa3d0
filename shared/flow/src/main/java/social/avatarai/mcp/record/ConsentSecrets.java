package social.avatarai.mcp.record;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Secret;

/**
 * The secrets of a consent in a record: the client's secret, and live tokens. They are stored sealed, so they must not
 * stand anywhere else in the record, and only {@code oauth2} uses them.
 */
final class ConsentSecrets {
  private static final String CONFIG = "authorization.config.";
  private static final String CREDENTIALS = "authorization.credentials.";

  private ConsentSecrets() {}

  /**
   * Refuses these secrets beside another method, where they would be kept and never used. A {@code client_id} alone is no
   * secret: an app may leave it in a record whose method has changed, so it survives, and is not used.
   */
  static void requireMethod(RecordFields authorization, AuthorizationMethod method) {
    if (method == AuthorizationMethod.OAUTH2) return;
    refuse(authorization.object("config"), List.of("client_secret"), method);
    refuse(authorization.object("credentials"), List.of("access_token", "refresh_token"), method);
  }

  private static void refuse(RecordFields object, List<String> members, AuthorizationMethod method) {
    members.stream().filter(object::isSaid).findFirst().ifPresent(member -> {
      throw object.bad(member, "is not used with the authorization.method " + method.wireName()
          + ": leave it out, or use the method oauth2");
    });
  }

  /** Refuses a record that has such a secret in another member too, where it would be stored in the clear. */
  static void requireNoneIn(ObjectNode document, ServerRecord.Client client, @Nullable LiveCredentials credentials) {
    requireNotIn(document, CONFIG + "client_secret", client.secret());
    if (credentials == null) return;
    requireNotIn(document, CREDENTIALS + "access_token", credentials.accessToken());
    requireNotIn(document, CREDENTIALS + "refresh_token", credentials.refreshToken());
  }

  private static void requireNotIn(ObjectNode document, String member, @Nullable Secret secret) {
    if (secret == null || !PlainSecrets.isRepeatedIn(document, secret.reveal())) return;
    throw RecordFields.bad("The record has the value of its " + member
        + " in another member too, where it would be stored in the clear.");
  }
}
