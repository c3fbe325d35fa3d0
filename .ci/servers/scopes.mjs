// What the servers here protect: every call needs the first scope, and the tool `administer` the second one besides.
export const USE = 'mcp:tools';
export const ADMINISTER = 'mcp:admin';
export const SCOPES = [USE, ADMINISTER];

/** The scopes that this JSON-RPC request needs. */
export function scopesFor(message) {
  return message?.method === 'tools/call' && message.params?.name === 'administer' ? SCOPES : [USE];
}
