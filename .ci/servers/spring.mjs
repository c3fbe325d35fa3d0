// Spring Authorization Server (spring/Peer.java), and an MCP server that trusts it; prints `ready` when both serve. JAVA runs it,
// with the libraries in the folder SPRING.
import { once } from 'node:events';
import { child, served } from './child.mjs';
import { resourceServer } from './resource-server.mjs';

const { JAVA, SPRING, SPRING_PEER, MCP_PORT, MCP_AUTH_PORT, MCP_TOKEN_LIFE = '60' } = process.env;
const issuer = `http://localhost:${MCP_AUTH_PORT}`;
const resource = `http://localhost:${MCP_PORT}/mcp`;

// The first compiler alone: of a server that runs for a minute, the second one would take half of the time.
child(JAVA, ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-cp', `${SPRING}/*`, SPRING_PEER], { MCP_RESOURCE: resource, MCP_TOKEN_LIFE });

const tokens = { keys: `${issuer}/oauth2/jwks`, claims: ['exp', 'sub', 'client_id'] };
await once(resourceServer({ issuer, resource, tokens, name: 'spring-peer' }).listen(MCP_PORT, '127.0.0.1'), 'listening');
await served(`${issuer}/.well-known/oauth-authorization-server`);
console.log('ready');
