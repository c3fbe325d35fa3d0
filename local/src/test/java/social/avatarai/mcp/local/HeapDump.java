package social.avatarai.mcp.local;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** The live objects of another Java process, in a file. */
final class HeapDump {
  /** Strings are in Latin-1, or in UTF-16 in the order of the machine; arrays of char are in the order of the file. */
  private static final List<Charset> ENCODINGS = List.of(ISO_8859_1, UTF_16LE, UTF_16BE);
  private static final int CHUNK = 8 * 1024 * 1024;
  private static final int MAX_LENGTH = 4 * 1024;

  private final Path file;

  HeapDump(Path file) {
    this.file = file;
  }

  /** Collects twice, and dumps what is still referenced. */
  static HeapDump of(Process process, Path file) throws IOException, InterruptedException {
    jcmd(process, "GC.run");
    jcmd(process, "GC.run");
    jcmd(process, "GC.heap_dump", file.toString());
    return new HeapDump(file);
  }

  private static void jcmd(Process process, String... command) throws IOException, InterruptedException {
    var all = new ArrayList<>(
        List.of(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(), Long.toString(process.pid())));
    all.addAll(List.of(command));
    var out = Files.createTempFile("jcmd", ".out");
    var jcmd = new ProcessBuilder(all).redirectErrorStream(true).redirectOutput(out.toFile()).start();
    assertThat(jcmd.waitFor(60, TimeUnit.SECONDS)).as("jcmd ends").isTrue();
    assertThat(jcmd.exitValue()).as(Files.readString(out)).isZero();
    Files.delete(out);
  }

  /** A text that is searched for, in one encoding. */
  private static final class Wanted {
    private final String text;
    private final byte[] bytes;

    Wanted(String text, Charset charset) {
      this.text = text;
      this.bytes = text.getBytes(charset);
    }
  }

  /** How often each of these texts is in the dump, in any encoding. Texts that are not there are left out. */
  Map<String, Integer> counts(Collection<String> texts) throws IOException {
    var found = new TreeMap<String, Integer>();
    var wanted = texts.stream()
        .flatMap(text -> ENCODINGS.stream().map(charset -> new Wanted(text, charset))).toList();
    var beginnings = new boolean[1 << 16];
    wanted.forEach(one -> beginnings[beginning(one.bytes, 0)] = true);
    try (var channel = FileChannel.open(file)) {
      long size = channel.size();
      for (long at = 0; at < size; at += CHUNK) {
        byte[] chunk = read(channel, at, (int) Math.min(CHUNK + MAX_LENGTH, size - at));
        for (int i = 0; i < Math.min(CHUNK, chunk.length - 1); i++) {
          if (!beginnings[beginning(chunk, i)]) continue;
          for (var one : wanted)
            if (isAt(chunk, i, one.bytes)) found.merge(one.text, 1, Integer::sum);
        }
      }
    }
    return found;
  }

  private static byte[] read(FileChannel channel, long at, int length) throws IOException {
    var chunk = ByteBuffer.allocate(length);
    while (chunk.hasRemaining())
      if (channel.read(chunk, at + chunk.position()) < 0) break;
    return chunk.array();
  }

  private static int beginning(byte[] bytes, int at) {
    return ((bytes[at] & 0xff) << 8) | (bytes[at + 1] & 0xff);
  }

  private static boolean isAt(byte[] chunk, int at, byte[] text) {
    int end = at + text.length;
    return end <= chunk.length && Arrays.equals(chunk, at, end, text, 0, text.length);
  }
}
