// The log that the service writes while a browser walks: what it has refused. What a browser's own tools see of a request
// depends on the browser's version and on the order of its events; what arrived at the service does not.
import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

/** The longest that a request takes from a page to the log, in milliseconds. */
const STEP = 20_000;

export class ServiceLog {
  #file;

  constructor(file) {
    this.#file = file;
  }

  /** Where the log ends now, in bytes. */
  async position() {
    return (await stat(this.#file)).size;
  }

  /** Waits until these requests have been refused since then; no other one was, and none was served. */
  async seesRefused(since, wanted) {
    const deadline = Date.now() + STEP;
    let { refused, served } = await this.#requests(since);
    while (wanted.some((request) => !refused.includes(request)) && Date.now() < deadline) {
      await pause(100);
      ({ refused, served } = await this.#requests(since));
    }
    assert.deepEqual({ refused: [...new Set(refused)].sort(), served }, { refused: [...wanted].sort(), served: [] });
  }

  async #requests(since) {
    const text = (await readFile(this.#file)).subarray(since).toString();
    const entries = text.split('\n').filter((line) => line.startsWith('{') && line.endsWith('}')).map((line) => JSON.parse(line));
    return {
      refused: entries.filter(({ event }) => event === 'request_refused').map(named),
      served: entries.filter(({ event }) => event === 'request').map(({ route }) => route),
    };
  }
}

/** A refused request: method, path, destination and, where the destination does not say it, the mode. */
function named({ method, path, 'sec-fetch-dest': destination, 'sec-fetch-mode': mode }) {
  return [method, path, destination, destination === 'empty' ? mode : ''].join(' ').trim();
}
