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
import social.avatarai.mcp.Context;
import social.avatarai.mcp.SessionKey;
import social.avatarai.mcp.authorization.AuthorizationSession;
import social.avatarai.mcp.authorization.CallbackAnswer;
import social.avatarai.mcp.authorization.ParkedAnswer;
import social.avatarai.mcp.store.TokenCipher;
import social.avatarai.mcp.store.TokenCipher.Place;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** A parked answer as an item of its own, so that parks never get into each other's or the session's way. */
final class ParkedItem {
  private final TokenCipher cipher;

  ParkedItem(TokenCipher cipher) {
    this.cipher = cipher;
  }

  static String key(SessionKey session, int number) {
    return session + "#park#" + number;
  }

  static List<String> keys(SessionKey session) {
    return IntStream.rangeClosed(1, ParkedAnswer.MOST).mapToObj(number -> key(session, number)).toList();
  }

  /**
   * @param number the place
   * @param attempt the mark of this try to park
   */
  Map<String, AttributeValue> of(AuthorizationSession session, ParkedAnswer parked, int number, String attempt) {
    var answer = parked.answer();
    var code = answer.code();
    return Values.of(key(session.key(), number)).with("number", number(number))
        .with("completionHash", text(parked.completionHash()))
        .with("code", code == null ? null : bytes(cipher.seal(code.reveal(), codePlace(session, number))))
        .with("error", textOrNull(answer.error())).with("iss", textOrNull(answer.iss()))
        .with("context", textOrNull(answer.context())).with("expiresAtMillis", millis(parked.expiresAt()))
        .with(Written.ATTEMPT, text(attempt)).with(Tables.TTL, SessionItem.ttl(parked.expiresAt())).toMap();
  }

  ParkedAnswer parked(Map<String, AttributeValue> item, AuthorizationSession session) {
    return Row.map(SessionItem.TABLE, item, row -> {
      int number = row.count("number");
      return new ParkedAnswer(number, row.text("completionHash"), answer(row, code(row, session, number)),
          row.instant("expiresAtMillis"));
    });
  }

  private @Nullable AuthorizationCode code(Row row, AuthorizationSession session, int number) {
    byte[] sealed = row.bytesOrNull("code");
    return sealed == null ? null : new AuthorizationCode(cipher.open(sealed, codePlace(session, number)));
  }

  private static CallbackAnswer answer(Row row, @Nullable AuthorizationCode code) {
    String context = row.textOrNull("context");
    return new CallbackAnswer(code, row.textOrNull("error"), row.textOrNull("iss"),
        context == null ? null : new Context(context));
  }

  private static Place codePlace(AuthorizationSession session, int number) {
    return Place.of(SessionItem.TABLE, session.connection().user().value(), session.connection().connection().value(),
        key(session.key(), number), session.target().issuer().value(), "code");
  }
}
