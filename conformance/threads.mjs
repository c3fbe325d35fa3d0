// Counts a thread dump's threads (jcmd Thread.dump_to_file -format=json), and those that still wait for an MCP server or
// an authorization server to say something: a connection that was not closed. Fails where there are any.
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const READS = /^java\.base\/(sun\.nio\.ch\.NioSocketImpl|sun\.nio\.ch\.SocketChannelImpl|sun\.security\.ssl\.SSLSocketInputRecord)\.\w*[rR]ead/;
const OUR_CLIENT = /\borg\.apache\.hc\./;
const OUR_SERVER = /\bsun\.net\.httpserver\./;

const threadsOf = ({ threadDump }) => threadDump.threadContainers.flatMap((container) => container.threads);
const frames = (thread, pattern) => (thread.stack ?? []).some((frame) => pattern.test(frame));

export function outboundReads(dump) {
  return threadsOf(dump).filter(
    (thread) =>
      frames(thread, READS) && (frames(thread, OUR_CLIENT) || (thread.virtual && !frames(thread, OUR_SERVER))),
  );
}

function main(file) {
  const dump = JSON.parse(readFileSync(file, 'utf8'));
  const outbound = outboundReads(dump);
  console.log(`threads ${threadsOf(dump).length}, outbound reads ${outbound.length}`);
  for (const thread of outbound) console.log(`  ${thread.name || thread.tid}\n    ${thread.stack.slice(0, 30).join('\n    ')}`);
  process.exitCode = outbound.length > 0 ? 1 : 0;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) main(process.argv[2]);
