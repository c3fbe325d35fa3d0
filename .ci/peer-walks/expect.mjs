// Checks whose messages say what was expected and what came.

/** Thrown where a server does not have what a walk is about. */
export class NotOffered extends Error {}

/** Fails unless the answer has the status and, if one is named, the error. */
export function expect({ status, body }, wanted, what, error) {
  if (status === wanted && (error === undefined || body.error === error)) return;
  const came = [status, body.error, body.error_description, body.upstream_status && `upstream_status ${body.upstream_status}`];
  throw new Error(`${what}: expected ${[wanted, error].filter(Boolean).join(' ')}, got ${came.filter(Boolean).join(', ')}`);
}

export function same(came, wanted, what) {
  if (came !== wanted) throw new Error(`${what}: expected ${wanted}, got ${came}`);
}
