package social.avatarai.mcp.benchmarks.coldstart;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.crypto.Cipher;
import javax.crypto.KDF;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.HKDFParameterSpec;
import social.avatarai.mcp.benchmarks.coldstart.inside.LoopbackPlatform;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.testkit.Demo;
import social.avatarai.mcp.testkit.Received;
import social.avatarai.mcp.testkit.event.SampleEvent;

/** The contestants, on the same stores and the same MCP server. */
final class Contestants {
  static final List<String> NAMES = List.of("bare", "access-resource", "unprimed", "rested", "callback",
      "start-authorization", "node");

  private static final String HANDLERS = "social.avatarai.mcp.functions.";
  private static final String NODE_RING = "node/key-ring";
  private static final String NODE_KEY = "0123456789abcdef0123456789abcdef";

  private final Path events;
  private final Packages packages;
  private final LoopbackAws aws;
  private final Demo demo;
  private final Launcher launcher;

  Contestants(Path root, Packages packages, LoopbackAws aws, Demo demo, Launcher launcher) {
    this.events = root.resolve("events");
    this.packages = packages;
    this.aws = aws;
    this.demo = demo;
    this.launcher = launcher;
  }

  Contestant bare() throws IOException {
    return new Contestant("bare", packages.bare(), Map.of(), "{}", () -> {}, true);
  }

  /** The MCP request of a user with a fresh token, whose server is known by its URL. */
  Contestant accessResource() throws IOException {
    return function("access-resource", "accessresource.AccessResourceHandler", "ok-post", true);
  }

  /** The same in the archive of another checkout, for a comparison in one run. */
  Contestant accessResourceOf(Path checkout) throws IOException {
    var like = accessResource();
    var program = packages.of(checkout).function("access-resource", HANDLERS + "accessresource.AccessResourceHandler");
    return new Contestant("access-resource@" + checkout.getFileName(), program, like.environment(), like.event(),
        like.prepare(), true);
  }

  /** The same, where Lambda's runtime reads the event and writes the response. */
  Contestant accessResourceByRuntime() throws IOException {
    var like = accessResource();
    return new Contestant("access-resource-by-runtime", packages.byRuntime(), like.environment(), like.event(),
        like.prepare(), like.isRepeatable());
  }

  /** The same without priming: everything is loaded when the first call needs it. */
  Contestant unprimed() throws IOException {
    var primed = accessResource();
    var environment = new HashMap<>(primed.environment());
    environment.put(LoopbackPlatform.PRIMING, "off");
    return new Contestant("unprimed", primed.program(), environment, primed.event(), primed.prepare(), true);
  }

  /** The same where the first event comes when the priming has ended, as after a snapshot. */
  Contestant rested() throws IOException {
    var like = accessResource();
    var environment = new HashMap<>(like.environment());
    environment.put("AWS_LAMBDA_INITIALIZATION_TYPE", "snap-start");
    return new Contestant("rested", like.program(), environment, like.event(), like.prepare(), true);
  }

  Contestant callback() throws IOException {
    return function("callback", "callback.CallbackHandler", "ok", false);
  }

  Contestant startAuthorization() throws IOException {
    return function("start-authorization", "startauthorization.StartAuthorizationHandler", "ok", true);
  }

  private Contestant function(String folder, String handler, String sample, boolean isRepeatable) throws IOException {
    var event = SampleEvent.of(events, folder).stream().filter(one -> one.name().equals(sample)).findFirst()
        .orElseThrow().against(demo);
    var stores = new FunctionStores(aws, folder);
    String seed = event.seed().orElse("");
    if (isRepeatable) stores.reset(seed, demo);
    var program = packages.function(folder, HANDLERS + handler);
    return new Contestant(folder, program, stores.environment(), event.text(),
        isRepeatable ? () -> {} : () -> stores.reset(seed, demo), isRepeatable);
  }

  /**
   * A Node function that makes the calls of access-resource. It sends the MCP request that access-resource has just
   * sent, and opens a token that is sealed for it in much the same way.
   */
  Contestant node(Path node, Path script) throws Exception {
    var like = accessResource();
    // The first call of a connection agrees on the protocol with the server. What follows is the usual call.
    launcher.train(like, List.of());
    launcher.train(like, List.of());
    var request = demo.mcpServer().requests().getLast();
    var environment = new HashMap<>(like.environment());
    aws.putSecret(NODE_RING, Json.newObject().put("current", "k1").put("k1", NODE_KEY).toString());
    environment.put("KEY_RING_SECRET", NODE_RING);
    environment.put("SEALED_TOKEN", sealed(Demo.ACCESS_TOKEN));
    environment.put("MCP_HEADERS", Json.newObject().setAll(new TreeMap<>(headers(request))).toString());
    environment.put("MCP_MESSAGE", request.body());
    var program = new Contestant.NodeProgram(List.of(node.toString(), script.toString()));
    return new Contestant("node", program, environment, like.event(), () -> {}, true);
  }

  private static Map<String, JsonNode> headers(Received request) {
    var headers = new HashMap<String, JsonNode>();
    request.headers().forEach((name, values) -> {
      boolean isOfTransport = List.of("host", "content-length", "connection", "authorization", "accept-encoding")
          .contains(name);
      if (!isOfTransport) headers.put(name, Json.newObject().textNode(String.join(", ", values)));
    });
    return headers;
  }

  private static String sealed(String token) throws GeneralSecurityException {
    byte[] random = new byte[32];
    var key = KDF.getInstance("HKDF-SHA256").deriveKey("AES",
        HKDFParameterSpec.ofExtract().addIKM(NODE_KEY.getBytes(UTF_8)).thenExpand(random, 32));
    var gcm = Cipher.getInstance("AES/GCM/NoPadding");
    gcm.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(128, new byte[12]));
    byte[] text = gcm.doFinal(token.getBytes(UTF_8));
    byte[] all = new byte[random.length + text.length];
    System.arraycopy(text, 0, all, random.length, text.length);
    return Base64.getEncoder().encodeToString(all);
  }
}
