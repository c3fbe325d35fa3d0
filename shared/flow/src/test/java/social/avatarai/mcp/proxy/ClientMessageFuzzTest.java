package social.avatarai.mcp.proxy;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Strangers' messages: each is taken or refused, and a refusal repeats at most the id. */
class ClientMessageFuzzTest {

  @FuzzTest
  void takesOrRefusesEveryBody(byte[] bytes) {
    if (!(ClientMessage.of(bytes) instanceof ClientMessage.Refused(var fault, var id))) return;
    if (fault.body(id).toString().length() > 1000 + 6 * ClientMessage.MAX_ID_LENGTH) {
      throw new AssertionError("broken: a refusal is short");
    }
  }
}
