package social.avatarai.mcp.benchmarks.coldstart.inside;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPEvent;
import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPResponse;

/**
 * The function access-resource as a handler of AWS's classes alone: Lambda's runtime reads the event into its class and
 * writes the response, by reflection.
 */
public final class AwsClassesHandler implements RequestHandler<APIGatewayV2HTTPEvent, APIGatewayV2HTTPResponse> {
  private static final String FUNCTION = "social.avatarai.mcp.functions.accessresource.AccessResourceHandler";

  private final RequestHandler<APIGatewayV2HTTPEvent, APIGatewayV2HTTPResponse> function = function();

  // The benchmarks are compiled without the functions. Each handler of a route has these type arguments.
  @SuppressWarnings("unchecked")
  private static RequestHandler<APIGatewayV2HTTPEvent, APIGatewayV2HTTPResponse> function() {
    try {
      return (RequestHandler<APIGatewayV2HTTPEvent, APIGatewayV2HTTPResponse>) Class.forName(FUNCTION).getConstructor()
          .newInstance();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public APIGatewayV2HTTPResponse handleRequest(APIGatewayV2HTTPEvent event, Context context) {
    return function.handleRequest(event, context);
  }
}
