// Receives webhooks and verifies them with the published npm library, by the code that docs/events.md prints: WEBHOOK_SECRET, PORT,
// PRINTED (a module with that code).
import { createServer } from 'node:http';
import { Webhook } from 'standardwebhooks';

const { verify } = await import(process.env.PRINTED);
const ours = new Webhook(process.env.WEBHOOK_SECRET);
const another = new Webhook(`whsec_${Buffer.alloc(32, 1).toString('base64')}`);

function refuses(webhook, body, headers) {
  try {
    webhook.verify(body, headers);
    return false;
  } catch {
    return true;
  }
}

const server = createServer(async (request, response) => {
  const body = Buffer.concat(await request.toArray()).toString('utf8');
  const { headers } = request;
  try {
    const { type, data } = verify(body, request);
    if (!refuses(another, body, headers)) throw new Error('verified with another secret');
    if (!refuses(ours, `${body} `, headers)) throw new Error('verified a changed body');
    if (!refuses(ours, body, { ...headers, 'webhook-id': 'another' })) throw new Error('verified another id');
    if (data.id !== headers['webhook-id']) throw new Error('the id of the event is another one');
    console.log(`verified ${type} ${data.user} version ${data.version}`);
    response.writeHead(204).end();
  } catch (error) {
    console.log(`refused: ${error.message}`);
    response.writeHead(400).end();
  }
});
server.listen(Number(process.env.PORT), '127.0.0.1', () => console.log('ready'));
