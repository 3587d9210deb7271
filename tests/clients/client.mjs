// The TypeScript SDK's second generation, with the way of connecting that is named: legacy, auto or a revision.
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { sale, server } from "./sale.mjs";

const how = process.argv[3];
const mode = how === "legacy" || how === "auto" ? how : { pin: how };
const client = new Client({ name: "integration-tests", version: "1" }, { versionNegotiation: { mode } });
await client.connect(new StdioClientTransport(server));
const revision = client.getNegotiatedProtocolVersion();
const sold = await sale(client, (call, onprogress) => client.callTool(call, { onprogress }));
await client.close();
console.log(JSON.stringify({ revision, ...sold }));
