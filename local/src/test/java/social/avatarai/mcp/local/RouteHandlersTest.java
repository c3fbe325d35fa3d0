package social.avatarai.mcp.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.amazonaws.services.lambda.runtime.RequestHandler;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPEvent;
import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPResponse;
import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RouteHandlersTest {

  static Stream<String> handlers() throws IOException {
    return Template.read(Path.of("..", "template.yaml")).routes().stream().map(Template.Route::handlerClass).distinct();
  }

  /** Lambda's runtime hands JSON to a stream handler, even where it takes AWS's classes too; what reads it is ours. */
  @ParameterizedTest
  @MethodSource("handlers")
  void handlerOfEveryRouteTakesAndReturnsAwssClassesAndTheirJson(String name) throws ClassNotFoundException {
    var handler = Class.forName(name);
    assertThat(handler).isAssignableTo(RequestStreamHandler.class);
    assertThat(Stream.of(handler.getSuperclass().getGenericInterfaces()).filter(ParameterizedType.class::isInstance)
        .map(ParameterizedType.class::cast).filter(type -> type.getRawType() == RequestHandler.class)
        .flatMap(type -> Stream.of(type.getActualTypeArguments())))
        .containsExactly(APIGatewayV2HTTPEvent.class, APIGatewayV2HTTPResponse.class);
  }
}
