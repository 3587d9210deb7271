"""A whole sale with the Python SDK, with the way of connecting that is named: legacy, auto or a revision."""

import asyncio
import json
import sys

from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters


async def main() -> None:
    server = StdioServerParameters(
        command=sys.argv[1],
        args=["--sandbox"],
        env={"BITNOVO_TOOLSETS": "default,sandbox", "LOG_LEVEL": "warn"},
    )
    async with Client(server, mode=sys.argv[2]) as client:

        async def call(name: str, **arguments):
            result = await client.call_tool(name, arguments)
            if result.is_error:
                raise RuntimeError(f"{name}: {result.content[0].text}")
            return result

        tools = await client.list_tools()
        created = await call("create_payment_onchain", amount_eur=5, input_currency="BTC", include_qr=True)
        identifier = created.structured_content["identifier"]
        picture = await client.read_resource(created.structured_content["qr_address"])
        progress = []

        async def told(done: float, total: float | None, message: str | None) -> None:
            progress.append(message)

        waiting = {"identifier": identifier, "timeout_seconds": 1}
        waited = await client.call_tool("wait_for_payment", waiting, progress_callback=told)
        await call("simulate_payment", identifier=identifier)
        read = await call("get_payment_status", identifier=identifier)
        refused = await client.call_tool("create_payment_onchain", {"amount_eur": 5, "input_currency": "btc"})
        sold = {
            "revision": client.protocol_version,
            "tools": [tool.name for tool in tools.tools],
            "identifier": identifier,
            "images": sum(block.type == "image" for block in created.content),
            "done": waited.structured_content["done"],
            "progress": progress,
            "resource": picture.contents[0].mime_type,
            "status": read.structured_content["status"],
            "verdict": read.structured_content["verdict"],
            "refused": refused.is_error and json.loads(refused.content[0].text)["error"]["code"],
        }
    print(json.dumps(sold))


asyncio.run(main())
