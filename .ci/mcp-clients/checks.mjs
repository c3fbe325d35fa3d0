// What every client here must see, whatever it speaks and whatever the server speaks.
import assert from 'node:assert/strict';

/** The headers with which the app's user calls the service. */
export const HEADERS = { 'X-Local-User': 'alice' };

/** Lists the tools and calls one, which names the account of the token that the server got. */
export async function useTools(client, version) {
  const { tools } = await client.listTools();
  const names = tools.map(({ name }) => name);
  assert(names.includes('whoami'), `the tool whoami among ${names}`);
  const { content, isError } = await client.callTool({ name: 'whoami', arguments: {} });
  assert(!isError, 'the call');
  const { account } = JSON.parse(content[0].text);
  assert.equal(account, 'alice', 'whose token the server got');
  await assert.rejects(client.getPrompt({ name: 'no-such-prompt' }), 'a prompt that is not there');
  console.log(`${version}: ${names.length} tools, called as ${account}`);
}
