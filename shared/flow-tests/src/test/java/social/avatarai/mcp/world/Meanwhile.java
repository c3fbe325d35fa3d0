package social.avatarai.mcp.world;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Predicate;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;

/** Something that happens once, just before a call to DynamoDB is sent. So the order of a race is fixed. */
public final class Meanwhile implements ExecutionInterceptor {
  private record Event(Predicate<SdkRequest> before, Runnable happening) {}

  private final Queue<Event> awaited = new ConcurrentLinkedQueue<>();

  public void before(Predicate<SdkRequest> call, Runnable happening) {
    awaited.add(new Event(call, happening));
  }

  /** Whether everything that was planned has happened. */
  public boolean isOver() { return awaited.isEmpty(); }

  @Override
  public void beforeExecution(Context.BeforeExecution context, ExecutionAttributes attributes) {
    var event = awaited.peek();
    if (event == null || !event.before().test(context.request())) return;
    awaited.remove();
    event.happening().run();
  }
}
