import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outboundReads } from './threads.mjs';

const READING = 'java.base/sun.nio.ch.NioSocketImpl.implRead(NioSocketImpl.java:312)';
const OUR_CLIENT = 'org.apache.hc.core5.http.impl.io.SessionInputBufferImpl.fillBuffer(SessionInputBufferImpl.java:1)';
const OUR_SERVER = 'jdk.httpserver/sun.net.httpserver.Request.readLine(Request.java:63)';
const dump = (...threads) => ({ threadDump: { threadContainers: [{ threads }] } });

test('a thread that waits for a server is one', () => {
  for (const virtual of [true, false]) {
    assert.equal(outboundReads(dump({ tid: '1', virtual, stack: [READING, OUR_CLIENT] })).length, 1);
  }
});

test('a virtual thread that reads for nobody we know is one', () => {
  assert.equal(outboundReads(dump({ tid: '1', virtual: true, stack: [READING] })).length, 1);
});

test('threads of our own server, idle ones and those without a stack are none', () => {
  assert.equal(outboundReads(dump({ tid: '1', virtual: true, stack: [READING, OUR_SERVER] })).length, 0);
  assert.equal(outboundReads(dump({ tid: '2', virtual: false, stack: ['java.base/java.lang.Object.wait0(Native)'] })).length, 0);
  assert.equal(outboundReads(dump({ tid: '3', virtual: true })).length, 0);
});
