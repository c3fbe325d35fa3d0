package social.avatarai.mcp.testkit;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Optional;

/** The part of a browser that an authorization request needs: it sends requests and reads redirects. */
final class Browser {
  private static final HttpClient CLIENT = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private Browser() {}

  static URI redirectOf(URI url) {
    var response = open(url);
    return location(response)
        .orElseThrow(() -> new AssertionError("no redirect, but " + response.statusCode() + " " + response.body()));
  }

  static Optional<URI> visit(URI url) {
    return location(open(url));
  }

  private static Optional<URI> location(HttpResponse<String> response) {
    return response.headers().firstValue("location").map(URI::create);
  }

  private static HttpResponse<String> open(URI url) {
    try {
      return CLIENT.send(HttpRequest.newBuilder(url).build(), BodyHandlers.ofString());
    } catch (IOException e) {
      throw new AssertionError("no answer from " + url, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }
}
