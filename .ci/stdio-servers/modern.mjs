// A server of MCP 2026-07-28 alone, made with the published library.
import { McpServer, fromJsonSchema } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';

const text = said => ({ content: [{ type: 'text', text: said }] });

serveStdio(() => {
  const server = new McpServer({ name: 'modern', version: '1.0.0' });
  server.registerTool('echo', {
    description: 'Repeats a message',
    inputSchema: fromJsonSchema({ type: 'object', properties: { message: { type: 'string' } }, required: ['message'] }),
  }, ({ message }) => text(`modern: ${message}`));
  return server;
}, { legacy: 'reject' });
