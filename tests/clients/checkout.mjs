// A customer in a real browser: opens the checkout page, chooses a currency, pays, and sees that it arrived.
// Arguments: the page's URL, the browser, a folder for its profile and for pictures of what the customer saw.
import { join } from "node:path";
import { chromium } from "playwright-core";

const [url, executablePath, folder] = process.argv.slice(2);
const context = await chromium.launchPersistentContext(join(folder, "profile"), {
  executablePath,
  headless: true,
  viewport: { width: 480, height: 900 },
  args: [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
  ],
});
const page = context.pages()[0] ?? (await context.newPage());
page.setDefaultTimeout(20_000);
const errors = [];
page.on("pageerror", (error) => errors.push(String(error)));
page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
const requests = [];
page.on("request", (request) => requests.push(new URL(request.url()).origin));

const look = (name) => page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
const status = () => page.getByRole("status").innerText();
const seen = { steps: [] };
const step = async (name) => {
  await look(name);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  seen.steps.push({ name, status: await status(), overflow: wide });
};

await page.goto(url);
await page.getByRole("button", { name: /BTC/ }).first().waitFor();
seen.heading = await page.getByRole("heading", { level: 1 }).innerText();
await step("choose");

await page.locator('button[name="currency"][value="XRP"]').click();
await page.locator(".qr svg").waitFor();
seen.codes = await page.locator("dd code").allInnerTexts();
seen.countdown = await page.locator("#left").innerText();
await page.waitForFunction((first) => document.getElementById("left")?.textContent !== first, seen.countdown);
seen.later = await page.locator("#left").innerText();
const box = await page.locator(".qr svg").boundingBox();
await page.screenshot({ path: join(folder, "qr.png"), clip: box });
await step("pay");

await page.getByRole("button", { name: /pay what is missing/i }).click();
await page.getByRole("button", { name: /mine/i }).waitFor();
await step("paid");
await page.getByRole("button", { name: /mine/i }).click();
await page.getByRole("status").filter({ hasText: /CO/ }).waitFor();
await step("completed");
await context.close();
console.log(JSON.stringify({ ...seen, errors, origins: [...new Set(requests)] }));
