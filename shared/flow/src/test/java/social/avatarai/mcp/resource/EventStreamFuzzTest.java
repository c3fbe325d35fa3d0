package social.avatarai.mcp.resource;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;

/** Strangers' event streams: the reader reaches the end, and never throws an exception. */
class EventStreamFuzzTest {

  @FuzzTest
  void readsToTheEnd(byte[] bytes) throws IOException {
    var stream = new EventStream(new ByteArrayInputStream(bytes), new EventStream.Place());
    int messages = 0;
    while (stream.next().isPresent())
      messages++;
    // The shortest message is "{}" with a comma, in a batch.
    if (messages > bytes.length / 3) throw new AssertionError("broken: a message has its bytes");
    if (stream.next().isPresent()) throw new AssertionError("broken: the end is the end");
  }

  @FuzzTest
  void readsWhatFollowsAFirstEvent(byte[] bytes) throws IOException {
    var stream = new EventStream(new ByteArrayInputStream(bytes), new EventStream.Place());
    var first = stream.first("endpoint");
    if (first.isPresent() && first.get().length() > bytes.length)
      throw new AssertionError("broken: more than was sent");
    for (var message = stream.nextReadable(); message.isPresent(); message = stream.nextReadable())
      if (message.get().size() > bytes.length) throw new AssertionError("broken: more than was sent");
  }
}
