// An authorization server in a process of its own. Whatever ends this process ends that one too.
import { spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => process.exit(1));

/**
 * Starts it. It is ended with all its processes and at once: while a server starts it may hear no request to stop, and nothing
 * that it has is kept. Where it ends by itself, this process ends.
 */
export function child(command, parameters, env = {}) {
  const started = spawn(command, parameters, { stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, ...env }, detached: true });
  process.prependListener('exit', () => {
    if (started.pid && started.exitCode === null && started.signalCode === null) process.kill(-started.pid, 'SIGKILL');
  });
  started.on('exit', (status) => process.exit(status ?? 1));
  started.on('error', (failure) => {
    console.error(failure.message);
    process.exit(1);
  });
}

/** When there is a document at the URL. */
export async function served(url) {
  while (!(await fetch(url).then(({ ok }) => ok, () => false))) await pause(200);
}
