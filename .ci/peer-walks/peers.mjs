// The published servers that are walked, their pinned versions, and what is particular about a request to each.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { same } from './expect.mjs';

const OIDC = { software: 'oidc-provider (npm)', version: ({ npm }) => npm('oidc-provider') };
const WORKERS = { software: '@cloudflare/workers-oauth-provider (npm)', version: ({ npm }) => npm('@cloudflare/workers-oauth-provider'), tokenLife: 60 };
const FASTMCP = { software: 'fastmcp (PyPI)', version: ({ pip }) => pip('fastmcp', 'fastmcp.txt') };

export const PEERS = {
  'oidc-provider-basic': { ...OIDC, setting: '`client_secret_basic`', request: isPlain },
  'oidc-provider-post': { ...OIDC, setting: '`client_secret_post`', request: isPlain },
  'oidc-provider-metadata-document': { ...OIDC, setting: 'client metadata documents', request: namesDocument },
  'oidc-provider-par': { ...OIDC, setting: 'pushed requests required', request: isPushed },
  'typescript-sdk-router': {
    software: '@modelcontextprotocol/sdk (npm)', version: ({ npm }) => npm('@modelcontextprotocol/sdk'), setting: '`mcpAuthRouter`', request: isPlain,
  },
  'typescript-sdk-sse': {
    software: '@modelcontextprotocol/sdk (npm)', version: ({ npm }) => npm('@modelcontextprotocol/sdk'), setting: '`SSEServerTransport` behind `mcpAuthRouter`; the record says `sse`',
    request: isPlain, type: 'sse', isOverSse: true,
  },
  'workers-oauth-provider-one': { ...WORKERS, setting: '`OAuthProvider`, one Worker', request: isPlain },
  'workers-oauth-provider-split': { ...WORKERS, setting: 'two Workers, client metadata documents', request: namesDocument },
  keycloak: {
    software: 'Keycloak (Maven)',
    version: ({ line }) => line('keycloak/version'),
    setting: 'one realm, anonymous registration',
    request: isPlain,
    withoutOffline: 'erin',
  },
  spring: {
    software: 'Spring Boot with Spring Authorization Server (Maven)',
    version: ({ xml }) => xml('spring/pom.xml'),
    setting: 'open registration',
    request: isPlain,
    stepUpConsents: 2,
  },
  'python-sdk-2': { software: 'mcp (PyPI)', version: ({ pip }) => pip('mcp', 'python-sdk-2.txt'), setting: '`auth_server_provider`', request: isPlain, stepUpConsents: 2 },
  'python-sdk-1': { software: 'mcp (PyPI)', version: ({ pip }) => pip('mcp', 'python-sdk-1.txt'), setting: '`auth_server_provider`', request: isPlain, stepUpConsents: 2 },
  'python-sdk-2-sse': { software: 'mcp (PyPI)', version: ({ pip }) => pip('mcp', 'python-sdk-2.txt'), setting: '`sse_app`, `auth_server_provider`; the record says `sse`', request: isPlain, stepUpConsents: 2, type: 'sse', isOverSse: true },
  'python-sdk-1-sse': { software: 'mcp (PyPI)', version: ({ pip }) => pip('mcp', 'python-sdk-1.txt'), setting: '`sse_app`, `auth_server_provider`; HTTP+SSE is found by the fallback', request: isPlain, stepUpConsents: 2, isOverSse: true },
  fastmcp: { ...FASTMCP, setting: '`InMemoryOAuthProvider`', request: isPlain, stepUpConsents: 2 },
  'fastmcp-proxy': {
    ...FASTMCP,
    setting: '`OAuthProxy` before an oidc-provider',
    request: isPlain,
    withoutRevocation: 'it registers public clients only, and its revocation endpoint wants a secret',
  },
  /** Too slow to build for every run: only `.ci/all` walks it, and its results are not in the table. */
  hydra: {
    software: 'Ory Hydra (Go)',
    version: ({ go }) => go('github.com/ory/hydra/v2'),
    setting: 'open registration, pages of our own',
    request: isPlain,
    onlyInAll: true,
  },
};

/** The version of a peer, as the files beside its start script pin it. */
export function versionOf(peer, servers) {
  const read = (file) => readFileSync(path.join(servers, file), 'utf8');
  return peer.version({
    npm: (name) => JSON.parse(read('package-lock.json')).packages[`node_modules/${name}`].version,
    pip: (name, file) => new RegExp(`^${name}==(.+)$`, 'm').exec(read(file))[1],
    go: (name) => new RegExp(`^require ${name} v(.+)$`, 'm').exec(read('hydra/go.mod'))[1],
    xml: (file) => /<version>(.+)<\/version>/.exec(read(file))[1],
    line: (file) => read(file).trim(),
  });
}

function isPlain({ searchParams }) {
  same(searchParams.get('code_challenge_method'), 'S256', 'code_challenge_method');
  same(searchParams.has('resource'), true, 'whether the request has a resource');
  same(searchParams.get('client_id').startsWith('https:'), false, 'whether the client is a metadata document');
}

function namesDocument({ searchParams }) {
  same(searchParams.get('client_id').startsWith('https:'), true, 'whether the client is a metadata document');
}

function isPushed({ searchParams }) {
  same([...searchParams.keys()].sort().join(' '), 'client_id request_uri', 'what the browser carries of a pushed request');
}
