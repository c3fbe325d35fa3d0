// The tools of the MCP servers here. Each says who calls it and with which token, the token as a fingerprint.
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { createHash } from 'node:crypto';

/** @param accountOf the account that a caller's `authInfo` stands for */
export function mcpServer(name, accountOf) {
  const server = new McpServer({ name, version: '1.0.0' });
  const answer = ({ authInfo }) => ({ content: [{ type: 'text', text: JSON.stringify(caller(authInfo, accountOf)) }] });
  server.registerTool('whoami', { description: 'Names the account that the access token was issued to.' }, answer);
  server.registerTool('administer', { description: 'The same, for a scope of its own.' }, answer);
  return server;
}

function caller(authInfo, accountOf) {
  if (!authInfo) return { account: 'anonymous', scopes: [], fingerprint: '' };
  const fingerprint = createHash('sha256').update(authInfo.token).digest('hex').slice(0, 12);
  return { account: accountOf(authInfo), scopes: authInfo.scopes, fingerprint };
}
