// How a walk ends, in words without secrets.
import { NotOffered } from './expect.mjs';

/** The longest that one walk takes, in milliseconds. */
const LONGEST = 60_000;

// What is thrown outside of a walk's own calls, by a connection for example, fails the walk that is under way, and no other.
let interrupt;
process.on('uncaughtException', (failure) => interrupt(failure));

/** @param walk a function; what it returns is awaited */
export async function outcomeOf(walk) {
  let timer;
  const interrupted = new Promise((_, reject) => {
    interrupt = reject;
    timer = setTimeout(() => reject(new Error(`not done within ${LONGEST / 1000} s`)), LONGEST);
  });
  try {
    await Promise.race([walk(), interrupted]);
    return { outcome: 'ok' };
  } catch (failure) {
    return { outcome: failure instanceof NotOffered ? 'not offered' : 'failed', why: safe(said(failure)) };
  } finally {
    clearTimeout(timer);
  }
}

/** With its causes: the message of a failed `fetch` says nothing by itself. */
function said(failure) {
  return failure?.cause ? `${failure.message}: ${said(failure.cause)}` : String(failure?.message || failure?.code || failure);
}

/** Without anything that may be a secret. */
function safe(text) {
  return text.replace(/[\w-]{24,}/g, '…').replace(/\s*\n\s*/g, ' ').trim();
}
