// Preloaded with `node --import`: a server that names no address listens on 127.0.0.1 instead of on every interface.
// The TypeScript SDK's examples offer no setting for it.
import { Server } from 'node:net';

const listen = Server.prototype.listen;

Server.prototype.listen = function (...given) {
  const [first, second] = given;
  // Ports come as numbers and as digits, because the example passes the `port` of a URL.
  if (/^\d+$/.test(String(first))) {
    if (typeof second !== 'string') given.splice(1, 0, '127.0.0.1');
  } else if (first?.port !== undefined && !first.host) {
    given[0] = { ...first, host: '127.0.0.1' };
  }
  return listen.apply(this, given);
};
