// The requests of the walks. One that gets no response says which request it was.

/** The longest that one request takes, in milliseconds. */
const LONGEST = 35_000;

/**
 * A server may close a kept-alive connection just when the next request is sent on it. A GET is then sent once more, as browsers
 * do; anything else may have had an effect, and is not.
 */
export async function request(url, { method = 'GET', ...others } = {}) {
  const send = () => fetch(url, { method, ...others, signal: AbortSignal.timeout(LONGEST) });
  const again = (failure) => (method === 'GET' && isClosed(failure.cause) ? send() : Promise.reject(failure));
  try {
    return await send().catch(again);
  } catch (failure) {
    const { origin, pathname } = new URL(url);
    throw new Error(`${method} ${origin}${pathname}`, { cause: failure });
  }
}

function isClosed(cause) {
  return ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'].includes(cause?.code);
}
