package social.avatarai.mcp.aws.sqs;

import java.time.Duration;
import social.avatarai.mcp.aws.AwsJsonService;
import social.avatarai.mcp.aws.AwsJsonService.Protocol;
import social.avatarai.mcp.event.DeliveryQueue;
import social.avatarai.mcp.http.Json;

/** A queue in SQS, whose messages the function is invoked with. */
public final class SqsDeliveryQueue implements DeliveryQueue {
  public static final Protocol PROTOCOL = new Protocol("sqs", "AmazonSQS", "application/x-amz-json-1.0");

  private final AwsJsonService service;
  private final String url;

  /** @param url the URL of the queue, which is its name in requests */
  public SqsDeliveryQueue(AwsJsonService service, String url) {
    this.service = service;
    this.url = url;
  }

  @Override
  public void hide(String receipt, Duration pause) {
    service.call("ChangeMessageVisibility", Json.newObject().put("QueueUrl", url).put("ReceiptHandle", receipt)
        .put("VisibilityTimeout", pause.toSeconds()));
  }
}
