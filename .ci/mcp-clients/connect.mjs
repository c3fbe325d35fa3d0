// connect.mjs BASE ID URL VERSION [USER]: the user (alice) connects the server at this URL, with alice's consent, as the record ID.
// The server speaks this version with the service.
import { App } from '../peer-walks/app.mjs';
import { same } from '../peer-walks/expect.mjs';

const [base, id, url, version, user = 'alice'] = process.argv.slice(2);
const app = new App(base, user, 'alice');
await app.put(id, url);
await app.connected(id);
const { data } = await app.ask('access-resource', { resource_url: url });
same(data.version, version, `the version of ${id}`);
