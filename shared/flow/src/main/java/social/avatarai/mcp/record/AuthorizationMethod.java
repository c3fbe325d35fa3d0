package social.avatarai.mcp.record;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;

/** How requests to a server are authorized: {@code authorization.method} of a record. */
public enum AuthorizationMethod {
  /** By nothing, or by the headers that the user has entered. */
  NONE,
  /** By a consent of the user. */
  OAUTH2,
  /** By a token that the user has entered: {@code authorization.config.token}. */
  BEARER,
  /** By a key that the user has entered: {@code authorization.config.api_key}. */
  API_KEY,
  /** By the headers that the user has entered: {@code endpoint.headers}. */
  HEADERS;

  String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The method of a record; {@code oauth2} where the record does not say. */
  static AuthorizationMethod of(RecordFields authorization) {
    String word = authorization.text("method").orElse(OAUTH2.wireName());
    return Stream.of(values()).filter(method -> method.wireName().equals(word)).findFirst()
        .orElseThrow(() -> new Failure.BadRequest(ErrorCode.UNSUPPORTED_RECORD,
            "The record's authorization.method is none of "
                + Stream.of(values()).map(AuthorizationMethod::wireName).collect(Collectors.joining(", ")) + "."));
  }

  /** The method of a stored document. */
  static AuthorizationMethod of(ObjectNode document) {
    return of(new RecordFields(document).object("authorization"));
  }
}
