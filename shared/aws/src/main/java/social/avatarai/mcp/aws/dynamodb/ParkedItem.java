package social.avatarai.mcp.aws.dynamodb;

import static social.avatarai.mcp.aws.dynamodb.Values.bytes;
import static social.avatarai.mcp.aws.dynamodb.Values.millis;
import static social.avatarai.mcp.aws.dynamodb.Values.number;
import static social.avatarai.mcp.aws.dynamodb.Values.text;
import static social.avatarai.mcp.aws.dynamodb.Values.textOrNull;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.AuthorizationCode;
import social.avatarai.mcp.IssuerContext;
import social.avatarai.mcp.SessionKey;
import social.avatarai.mcp.authorization.AuthorizationResponse;
import social.avatarai.mcp.authorization.AuthorizationSession;
import social.avatarai.mcp.authorization.ParkedResponse;
import social.avatarai.mcp.vault.Destination;
import social.avatarai.mcp.vault.TokenCipher;
import social.avatarai.mcp.vault.TokenCipher.Place;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** A parked response as its own item, so that two parked responses or the session never overwrite each other. */
final class ParkedItem {
  private final TokenCipher cipher;

  ParkedItem(TokenCipher cipher) {
    this.cipher = cipher;
  }

  static String key(SessionKey session, int number) {
    return session + "#park#" + number;
  }

  static List<String> keys(SessionKey session) {
    return IntStream.rangeClosed(1, ParkedResponse.MAX_PER_SESSION).mapToObj(number -> key(session, number)).toList();
  }

  /**
   * @param number the place of the response among those of the session
   * @param attempt the mark of this try to park
   */
  Map<String, AttributeValue> of(AuthorizationSession session, ParkedResponse parked, int number, String attempt) {
    var response = parked.response();
    var code = response.code();
    return Values.of(key(session.key(), number)).with("number", number(number))
        .with("completionHash", text(parked.completionHash()))
        .with("code", code == null
            ? null
            : bytes(cipher.seal(code.reveal(), codePlace(session, number),
                destination(session, parked.completionHash(), response.iss(), response.context()))))
        .with("error", textOrNull(response.error())).with("iss", textOrNull(response.iss()))
        .with("context", textOrNull(response.context())).with("expiresAtMillis", millis(parked.expiresAt()))
        .with(WriteResult.ATTEMPT, text(attempt)).with(Tables.TTL, SessionItem.ttl(parked.expiresAt())).toMap();
  }

  ParkedResponse parked(Map<String, AttributeValue> item, AuthorizationSession session) {
    return ItemReader.map(SessionItem.TABLE, item, row -> {
      int number = row.count("number");
      return new ParkedResponse(number, row.text("completionHash"), response(row, session, number),
          row.instant("expiresAtMillis"));
    });
  }

  private AuthorizationResponse response(ItemReader row, AuthorizationSession session, int number) {
    byte[] sealed = row.bytesOrNull("code");
    String iss = row.textOrNull("iss");
    String named = row.textOrNull("context");
    var context = named == null ? null : new IssuerContext(named);
    var code = sealed == null
        ? null
        : new AuthorizationCode(cipher.open(sealed, codePlace(session, number),
            destination(session, row.text("completionHash"), iss, context)));
    return new AuthorizationResponse(code, row.textOrNull("error"), iss, context);
  }

  /**
   * The destination of the session, with the values by which the response is judged before the code is sent. Without
   * them an attacker who can edit {@code iss} and {@code context} could have the code of one issuer sent to another.
   */
  private static Destination destination(AuthorizationSession session, String completionHash, @Nullable String iss,
      @Nullable IssuerContext context) {
    return SessionItem.destination(session).with("parked.completionHash", completionHash).with("parked.iss", iss)
        .with("parked.context", context == null ? null : context.value());
  }

  private static Place codePlace(AuthorizationSession session, int number) {
    return Place.of(SessionItem.TABLE, session.connection().user().value(), session.connection().connection().value(),
        key(session.key(), number), session.target().issuer().value(), "code");
  }
}
