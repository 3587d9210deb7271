// A whole sale, for any client: the tools, an on-chain payment, the payer, the verdict. `wait` calls a tool and listens
// to its progress, which each generation asks for in its own way.
export async function sale(client, wait) {
  const { tools } = await client.listTools();
  const call = async (name, args) => {
    const result = await client.callTool({ name, arguments: args });
    if (result.isError) throw new Error(`${name}: ${result.content[0].text}`);
    return result;
  };
  const created = await call("create_payment_onchain", { amount_eur: 5, input_currency: "BTC", include_qr: true });
  const { identifier, qr_address } = created.structuredContent;
  const picture = await client.readResource({ uri: qr_address });
  const progress = [];
  const waiting = { name: "wait_for_payment", arguments: { identifier, timeout_seconds: 1 } };
  const waited = await wait(waiting, (told) => progress.push(told.message));
  await call("simulate_payment", { identifier });
  const read = await call("get_payment_status", { identifier });
  const refused = await client.callTool({ name: "create_payment_onchain", arguments: { amount_eur: 5, input_currency: "btc" } });
  return {
    tools: tools.map((tool) => tool.name),
    identifier,
    images: created.content.filter((block) => block.type === "image").length,
    done: waited.structuredContent.done,
    progress,
    resource: picture.contents[0].mimeType,
    status: read.structuredContent.status,
    verdict: read.structuredContent.verdict,
    refused: refused.isError === true && JSON.parse(refused.content[0].text).error.code,
  };
}

export const server = {
  command: process.argv[2],
  args: ["--sandbox"],
  env: { BITNOVO_TOOLSETS: "default,sandbox", LOG_LEVEL: "warn" },
};
