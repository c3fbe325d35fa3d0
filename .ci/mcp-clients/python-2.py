"""python-2.py URL ERA: the second line of the Python SDK, in the legacy or the modern era."""

import asyncio
import json
import sys

import httpx2
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client

MODES = {"legacy": "legacy", "modern": "2026-07-28", "auto": "auto"}


async def main(url, era):
    async with httpx2.AsyncClient(headers={"X-Local-User": "alice"}, timeout=30) as http:
        async with Client(streamable_http_client(url, http_client=http), mode=MODES[era]) as client:
            tools = [tool.name for tool in (await client.list_tools()).tools]
            assert "whoami" in tools, tools
            result = await client.call_tool("whoami", {})
            account = json.loads(result.content[0].text)["account"]
            assert account == "alice", account
            try:
                await client.get_prompt("no-such-prompt")
                raise AssertionError("a prompt that is not there")
            except MCPError:
                pass
            print(f"{client.protocol_version}: {len(tools)} tools, called as {account}")


asyncio.run(main(*sys.argv[1:]))
