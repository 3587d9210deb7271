"""Converts the tools in a file, those of tools/list, as the hosts of Google's and OpenAI's Python SDKs do."""

import json
import sys
from pathlib import Path

from agents.mcp import MCPServerStdio, MCPUtil
from agents.strict_schema import ensure_strict_json_schema
from google.genai._mcp_utils import mcp_to_gemini_tools
from mcp.types import Tool

listed = json.loads(Path(sys.argv[1]).read_text())
tools = [Tool.model_validate(tool) for tool in listed]

gemini = [
    declaration.model_dump(mode="json", exclude_none=True, by_alias=True)
    for tool in mcp_to_gemini_tools(tools)
    for declaration in tool.function_declarations
]
# Is not started: it only gives the tools the name of their server.
server = MCPServerStdio(params={"command": sys.executable})
openai = []
for tool, wire in zip(tools, listed, strict=True):
    for strict in (False, True):
        MCPUtil.to_function_tool(tool, server, strict)
    openai.append({"name": tool.name, "parameters": ensure_strict_json_schema(wire["inputSchema"])})

print(json.dumps({"gemini": gemini, "openai": openai}))
