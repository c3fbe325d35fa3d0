package social.avatarai.mcp.lambda;

import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPEvent;
import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPEvent.RequestContext;
import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPResponse;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.http.Json;

/**
 * The JSON of AWS's classes for HTTP APIs (payload 2.0), member by member. Lambda's runtime would do the same by
 * reflection, which makes a cold start longer (decision 0005). A member that is absent is null, as AWS has it. Members
 * that AWS's classes do not have are left out, and so is {@code authorizer.iam}: no route has such an authorizer.
 */
final class ApiEventJson {
  private static final JsonFactory WRITER = new JsonFactory();

  private ApiEventJson() {}

  static APIGatewayV2HTTPEvent read(InputStream input) throws IOException {
    return event(Json.ofAws(input));
  }

  static APIGatewayV2HTTPEvent event(JsonNode json) {
    var event = new APIGatewayV2HTTPEvent();
    event.setVersion(text(json, "version"));
    event.setRouteKey(text(json, "routeKey"));
    event.setRawPath(text(json, "rawPath"));
    event.setRawQueryString(text(json, "rawQueryString"));
    event.setCookies(list(json.path("cookies")));
    event.setHeaders(map(json.path("headers")));
    event.setQueryStringParameters(map(json.path("queryStringParameters")));
    event.setPathParameters(map(json.path("pathParameters")));
    event.setStageVariables(map(json.path("stageVariables")));
    event.setBody(text(json, "body"));
    event.setIsBase64Encoded(json.path("isBase64Encoded").asBoolean(false));
    if (json.path("requestContext").isObject()) event.setRequestContext(context(json.path("requestContext")));
    return event;
  }

  private static RequestContext context(JsonNode json) {
    var context = new RequestContext();
    context.setRouteKey(text(json, "routeKey"));
    context.setAccountId(text(json, "accountId"));
    context.setStage(text(json, "stage"));
    context.setApiId(text(json, "apiId"));
    context.setDomainName(text(json, "domainName"));
    context.setDomainPrefix(text(json, "domainPrefix"));
    context.setTime(text(json, "time"));
    context.setTimeEpoch(json.path("timeEpoch").asLong(0));
    context.setRequestId(text(json, "requestId"));
    if (json.path("http").isObject()) context.setHttp(http(json.path("http")));
    if (json.path("authorizer").isObject()) context.setAuthorizer(authorizer(json.path("authorizer")));
    return context;
  }

  private static RequestContext.Http http(JsonNode json) {
    var http = new RequestContext.Http();
    http.setMethod(text(json, "method"));
    http.setPath(text(json, "path"));
    http.setProtocol(text(json, "protocol"));
    http.setSourceIp(text(json, "sourceIp"));
    http.setUserAgent(text(json, "userAgent"));
    return http;
  }

  private static RequestContext.Authorizer authorizer(JsonNode json) {
    var authorizer = new RequestContext.Authorizer();
    if (json.path("jwt").isObject()) {
      var jwt = new RequestContext.Authorizer.JWT();
      jwt.setClaims(map(json.path("jwt").path("claims")));
      jwt.setScopes(list(json.path("jwt").path("scopes")));
      authorizer.setJwt(jwt);
    }
    if (json.path("lambda").isObject()) authorizer.setLambda(object(json.path("lambda")));
    return authorizer;
  }

  /** A value from our authorizer function. */
  private static @Nullable Object value(JsonNode json) {
    return switch (json.getNodeType()) {
      case BOOLEAN -> json.booleanValue();
      // Lambda's runtime reads fractions as double.
      case NUMBER -> json.isIntegralNumber() ? json.numberValue() : (Number) json.doubleValue();
      case NULL -> null;
      case STRING -> json.textValue();
      case ARRAY -> {
        var elements = new ArrayList<@Nullable Object>();
        json.forEach(element -> elements.add(value(element)));
        yield elements;
      }
      default -> object(json);
    };
  }

  private static Map<String, @Nullable Object> object(JsonNode json) {
    var members = new LinkedHashMap<String, @Nullable Object>();
    for (var member : json.properties())
      members.put(member.getKey(), value(member.getValue()));
    return members;
  }

  private static @Nullable String text(JsonNode json, String member) {
    return text(json.path(member));
  }

  private static @Nullable String text(JsonNode json) {
    return json.isNull() || json.isMissingNode() ? null : json.asText();
  }

  private static @Nullable List<@Nullable String> list(JsonNode json) {
    if (!json.isArray()) return null;
    var texts = new ArrayList<@Nullable String>();
    for (var element : json)
      texts.add(text(element));
    return texts;
  }

  private static @Nullable Map<String, @Nullable String> map(JsonNode json) {
    if (!json.isObject()) return null;
    var texts = new LinkedHashMap<String, @Nullable String>();
    for (var member : json.properties())
      texts.put(member.getKey(), text(member.getValue()));
    return texts;
  }

  /** Writes a response, and leaves the stream open: it is the runtime's. */
  static void write(APIGatewayV2HTTPResponse response, OutputStream output) throws IOException {
    try (var json = WRITER.createGenerator(output).disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)) {
      json.writeStartObject();
      json.writeNumberField("statusCode", response.getStatusCode());
      write(json, response.getHeaders());
      if (response.getCookies() != null) {
        json.writeArrayFieldStart("cookies");
        for (String cookie : response.getCookies())
          json.writeString(cookie);
        json.writeEndArray();
      }
      json.writeStringField("body", response.getBody());
      json.writeBooleanField("isBase64Encoded", response.getIsBase64Encoded());
      json.writeEndObject();
    }
  }

  private static void write(JsonGenerator json, Map<String, String> headers) throws IOException {
    json.writeObjectFieldStart("headers");
    for (var header : headers.entrySet())
      json.writeStringField(header.getKey(), header.getValue());
    json.writeEndObject();
  }
}
