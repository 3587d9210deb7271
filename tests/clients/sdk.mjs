// The TypeScript SDK's first generation, which most clients are built on: revisions with a handshake.
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { sale, server } from "./sale.mjs";

const client = new Client({ name: "integration-tests", version: "1" });
await client.connect(new StdioClientTransport(server));
const sold = await sale(client, (call, onprogress) => client.callTool(call, undefined, { onprogress }));
await client.close();
console.log(JSON.stringify(sold));
