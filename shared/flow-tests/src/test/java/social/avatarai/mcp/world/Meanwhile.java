package social.avatarai.mcp.world;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Predicate;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;

/** Something that happens once, just before or after a call to DynamoDB. So the order of a race is fixed. */
public final class Meanwhile implements ExecutionInterceptor {
  private record Event(Predicate<SdkRequest> call, boolean isAfter, Runnable happening) {}

  private final Queue<Event> awaited = new ConcurrentLinkedQueue<>();

  public void before(Predicate<SdkRequest> call, Runnable happening) {
    awaited.add(new Event(call, false, happening));
  }

  /** If this throws, the caller does not get the response to a call that was carried out. */
  public void after(Predicate<SdkRequest> call, Runnable happening) {
    awaited.add(new Event(call, true, happening));
  }

  /** Whether everything that was planned has happened. */
  public boolean isOver() { return awaited.isEmpty(); }

  @Override
  public void beforeExecution(Context.BeforeExecution context, ExecutionAttributes attributes) {
    happen(context.request(), false);
  }

  @Override
  public void afterExecution(Context.AfterExecution context, ExecutionAttributes attributes) {
    happen(context.request(), true);
  }

  private void happen(SdkRequest request, boolean isAfter) {
    var event = awaited.peek();
    if (event == null || event.isAfter() != isAfter || !event.call().test(request)) return;
    awaited.remove();
    event.happening().run();
  }
}
