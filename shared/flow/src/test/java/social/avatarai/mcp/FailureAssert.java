package social.avatarai.mcp;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Asserts whose fault a failure is, and its code. */
public final class FailureAssert {
  private FailureAssert() {}

  public static void assertBroken(ErrorCode code, ThrowingCallable call) {
    assertFails(Failure.ProtocolBroken.class, code, call);
  }

  public static void assertFails(Class<? extends Failure> kind, ErrorCode code, ThrowingCallable call) {
    assertThatExceptionOfType(kind).isThrownBy(call).extracting(Failure::code).isEqualTo(code);
  }
}
