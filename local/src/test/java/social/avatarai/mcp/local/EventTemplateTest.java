package social.avatarai.mcp.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.aws.AwsClients;
import social.avatarai.mcp.event.Webhook;
import social.avatarai.mcp.http.AddressPolicy;

/** The numbers and patterns of the template fit the functions, and the local run has the same. */
class EventTemplateTest {
  /** {@code EventHandler.RESPONSE_RESERVE}. */
  private static final Duration RESERVE = Duration.ofSeconds(3);

  private static boolean isAdmittedByTheFunction(String url) {
    try {
      return AddressPolicy.publicInternet().admits(new EndpointUrl(url));
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  @ParameterizedTest
  @CsvSource({"https://app.example.com, true", "https://app.example.com/, true",
      "https://app.example.com/hook?key=a:b@c, true", "https://app.example.com?key=1, true",
      "https://app.example.com:443/hook, true", "https://app.example.com:8443/hook, true",
      "https://app.example.com:444/hook, false", "https://app.example.com:80, false",
      "https://u:p@app.example.com/, false", "https://u@app.example.com/, false",
      "https://app.example.com/hook#part, false", "http://app.example.com/hook, false"})
  void aUrlThatTheFunctionRefusesIsRefusedBeforeTheDeployment(String url, boolean isFine) {
    String pattern = EventTemplate.at("/Parameters/WebhookUrl/AllowedPattern").asText();

    assertThat(isAdmittedByTheFunction(url)).isEqualTo(isFine);
    assertThat(url.matches(pattern)).isEqualTo(isFine);
    assertThat("".matches(pattern)).isTrue();
  }

  /** A message without time would use up one of its tries. The first message may have to wait for the secret. */
  @Test
  void eachMessageOfABatchHasTimeForItsTry() {
    var time = Duration.ofSeconds(EventTemplate.at("/Globals/Function/Timeout").asLong()).minus(RESERVE);
    int messages = EventTemplate.at("/Resources/WebhookSource/Properties/BatchSize").asInt();

    assertThat(AwsClients.MAX_CALL_TIME.plus(Webhook.MAX_TRY_TIME.multipliedBy(messages))).isLessThanOrEqualTo(time);
  }

  @Test
  void theLocalRunTriesAsOftenAsAws() {
    String source = "/Resources/GrantEventSource/Properties/";

    assertThat(EventTemplate.at(source + "MaximumRetryAttempts").asInt() + 1).isEqualTo(RecordDelivery.MAX_TRIES);
    assertThat(EventTemplate.at(source + "BatchSize").asInt()).isEqualTo(LocalStream.PAGE);
    assertThat(EventTemplate.at("/Resources/WebhookQueue/Properties/RedrivePolicy/maxReceiveCount").asInt())
        .isEqualTo(LocalEvents.MAX_TRIES);
  }
}
