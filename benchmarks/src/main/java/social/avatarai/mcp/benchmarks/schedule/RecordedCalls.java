package social.avatarai.mcp.benchmarks.schedule;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;

/**
 * The calls of a store, as one run makes them, so that they can be made once more by themselves. The calls of one
 * thread stay together and in order.
 */
final class RecordedCalls {
  private final DynamoDbClient real;
  private final Map<Thread, List<Call>> calls = new ConcurrentHashMap<>();

  private record Call(Method method, @Nullable Object[] arguments) {}

  RecordedCalls(DynamoDbClient real) {
    this.real = real;
  }

  /** A client that records its calls, and makes them. */
  DynamoDbClient client() {
    return (DynamoDbClient) Proxy.newProxyInstance(DynamoDbClient.class.getClassLoader(),
        new Class<?>[]{DynamoDbClient.class}, (_, method, arguments) -> {
          var call = new Call(method, arguments);
          calls.computeIfAbsent(Thread.currentThread(), _ -> new ArrayList<>()).add(call);
          return make(call);
        });
  }

  void clear() {
    calls.clear();
  }

  int size() {
    return calls.values().stream().mapToInt(List::size).sum();
  }

  /** Makes all calls again, with this many threads at once. */
  void replay(int atOnce) {
    ScheduledTables.together(atOnce, calls.values(), ofThread -> ofThread.forEach(this::makeAgain));
  }

  private void makeAgain(Call call) {
    try {
      make(call);
    } catch (ConditionalCheckFailedException e) {
      // The call was made as well, in this order of threads.
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  private @Nullable Object make(Call call) throws Throwable {
    try {
      return call.method().invoke(real, call.arguments());
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }
}
