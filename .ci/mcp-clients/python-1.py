"""python-1.py URL: the first line of the Python SDK, which speaks the legacy era."""

import asyncio
import json
import sys

import httpx
from mcp import ClientSession, McpError
from mcp.client.streamable_http import streamable_http_client


async def main(url):
    async with httpx.AsyncClient(headers={"X-Local-User": "alice"}, timeout=30) as http:
        async with streamable_http_client(url, http_client=http) as (read, write, session_id):
            async with ClientSession(read, write) as client:
                begun = await client.initialize()
                assert session_id(), "a session"
                await client.send_ping()
                tools = [tool.name for tool in (await client.list_tools()).tools]
                assert "whoami" in tools, tools
                result = await client.call_tool("whoami", {})
                account = json.loads(result.content[0].text)["account"]
                assert account == "alice", account
                try:
                    await client.get_prompt("no-such-prompt")
                    raise AssertionError("a prompt that is not there")
                except McpError:
                    pass
                print(f"{begun.protocolVersion}: {len(tools)} tools, called as {account}")


asyncio.run(main(sys.argv[1]))
