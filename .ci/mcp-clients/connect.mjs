// connect.mjs BASE ID URL VERSION: alice connects the server at this URL, with her consent, as the record ID. The server speaks
// this version with the service.
import { App } from '../peer-walks/app.mjs';
import { same } from '../peer-walks/expect.mjs';

const [base, id, url, version] = process.argv.slice(2);
const alice = new App(base, 'alice', 'alice');
await alice.put(id, url);
await alice.connected(id);
const { data } = await alice.ask('access-resource', { resource_url: url });
same(data.version, version, `the version of ${id}`);
