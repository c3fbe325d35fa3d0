// As much of Cloudflare's runtime as the npm package `@cloudflare/workers-oauth-provider` asks for, in Node: its module of the
// runtime, a KV namespace in memory, and a server that hands each request to a handler of the kind that Workers have.
import { createServer } from 'node:http';
import { registerHooks } from 'node:module';
import { buffer } from 'node:stream/consumers';

const RUNTIME = 'data:text/javascript,export class WorkerEntrypoint { constructor(ctx, env) { this.ctx = ctx; this.env = env; } }';

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'cloudflare:workers' ? { url: RUNTIME, shortCircuit: true } : next(specifier, context),
});
// Without this flag the package reads no client metadata documents.
globalThis.Cloudflare = { compatibilityFlags: { global_fetch_strictly_public: true } };

/** A KV namespace. Nothing in it ends early: the package checks by itself when a token is over. */
export class MemoryNamespace {
  #entries = new Map();

  async get(key, { type } = {}) {
    const value = this.#entries.get(key)?.value ?? null;
    return type === 'json' && value !== null ? JSON.parse(value) : value;
  }

  async put(key, value, { metadata } = {}) {
    this.#entries.set(key, { value, metadata });
  }

  async delete(key) {
    this.#entries.delete(key);
  }

  async list({ prefix = '' } = {}) {
    const found = [...this.#entries].filter(([name]) => name.startsWith(prefix));
    return { keys: found.map(([name, { metadata }]) => ({ name, metadata })), list_complete: true };
  }
}

/** @param worker an object with `fetch(request, env, ctx)` */
export function workerServer(worker, env, origin) {
  return createServer((request, response) => {
    answer(request, response).catch((failure) => {
      console.error(failure);
      response.destroy();
    });
  });

  async function answer(request, response) {
    const { method, headers, url } = request;
    const body = method === 'GET' || method === 'HEAD' ? undefined : await buffer(request);
    const asked = new Request(new URL(url, origin), { method, headers: new Headers(Object.entries(headers).map(joined)), body });
    const given = await worker.fetch(asked, env, { waitUntil() {}, passThroughOnException() {}, props: {} });
    response.writeHead(given.status, [...given.headers].flat());
    for await (const part of given.body ?? []) response.write(part);
    response.end();
  }
}

function joined([name, value]) {
  return [name, [value].flat().join(', ')];
}
