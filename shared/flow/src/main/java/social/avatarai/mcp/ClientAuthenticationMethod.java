package social.avatarai.mcp;

import java.util.Arrays;
import java.util.Optional;

/** How a client authenticates at the token endpoint (RFC 7591 §2, {@code token_endpoint_auth_method}). */
public enum ClientAuthenticationMethod {
  NONE("none"), CLIENT_SECRET_BASIC("client_secret_basic"), CLIENT_SECRET_POST("client_secret_post");

  private final String wire;

  ClientAuthenticationMethod(String wire) {
    this.wire = wire;
  }

  public String wireName() {
    return wire;
  }

  /** The method with this name, as a person has written it down. */
  public static ClientAuthenticationMethod ofWritten(String name) {
    return ofWire(name).orElseThrow(() -> new IllegalArgumentException("is a method that this service does not speak"));
  }

  /** The method with this name; empty if we do not support the method. */
  public static Optional<ClientAuthenticationMethod> ofWire(String name) {
    return Arrays.stream(values()).filter(method -> method.wire.equals(name)).findFirst();
  }
}
