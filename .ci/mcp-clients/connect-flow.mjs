// connect-flow.mjs URL: the TypeScript SDK's client connects an MCP server, as a new user each time: discovery, registration,
// consent, token, initialize, tools/list. A line of standard input is how often; the result is a line with this number, and the
// nanoseconds and the processor's nanoseconds that it took. For benchmarks/warm.
import { createInterface } from 'node:readline';
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

const url = new URL(process.argv[2]);
const redirectUrl = 'http://localhost:3999/callback';

class NewUser {
  redirectUrl = redirectUrl;
  clientMetadata = {
    client_name: 'benchmark', redirect_uris: [redirectUrl], grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'], token_endpoint_auth_method: 'none',
  };
  clientInformation() { return this.client; }
  saveClientInformation(client) { this.client = client; }
  tokens() { return this.kept; }
  saveTokens(tokens) { this.kept = tokens; }
  codeVerifier() { return this.verifier; }
  saveCodeVerifier(verifier) { this.verifier = verifier; }
  redirectToAuthorization(target) { this.target = target; }
}

async function connect() {
  const authProvider = new NewUser();
  const client = new Client({ name: 'benchmark', version: '1' });
  const first = new StreamableHTTPClientTransport(url, { authProvider });
  await client.connect(first).then(() => { throw new Error('no consent'); }, (e) => {
    if (!(e instanceof UnauthorizedError)) throw e;
  });
  const back = await fetch(authProvider.target, { redirect: 'manual' });
  await first.finishAuth(new URL(back.headers.get('location')).searchParams.get('code'));
  const again = new Client({ name: 'benchmark', version: '1' });
  await again.connect(new StreamableHTTPClientTransport(url, { authProvider }));
  await again.listTools();
  await again.close();
}

for await (const line of createInterface({ input: process.stdin })) {
  const begun = process.hrtime.bigint();
  const before = process.cpuUsage();
  for (let i = 0; i < Number(line); i++) await connect();
  const { user, system } = process.cpuUsage(before);
  console.log(`${line} ${process.hrtime.bigint() - begun} ${(user + system) * 1000}`);
}
