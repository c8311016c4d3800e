/** The client as a page has it: bundled, in Chromium, with a ticket, against a real server. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "@jest/globals";
import { build } from "esbuild";
import { chromium } from "playwright-core";
import { MarketServer, TOKEN } from "./market-server.ts";
import { atEnd, closeAll } from "./waiting.ts";

const PLACES = (process.env["PATH"] ?? "").split(":").map((folder) => join(folder, "chromium"));
const CHROMIUM = [...PLACES, "/usr/bin/chromium"].find((path) => existsSync(path));
const isWanted = CHROMIUM !== undefined || process.env["CI"] === "true";
const SKIPPED = " (skipped: no chromium; run: apt-get install chromium)";
const title = `a page signs in with a ticket, places an order and sees it stand${isWanted ? "" : SKIPPED}`;

afterEach(closeAll);

/** The page's script: everything that it needs comes from the main entry, which needs nothing of Node. */
const SCRIPT = `
  import { connect, HttpTwin, limitTender, OrderDesk, storeJournal, GLOBAL_SURROUNDINGS } from "@micromarket/client";
  globalThis.trade = async ({ ticket, url, slotMs, slotLengthMs }) => {
    const session = connect(url, { credential: { kind: "ticket", ticket: () => ticket } });
    const { principal } = await session.ready();
    const journal = storeJournal(localStorage);
    const desk = await OrderDesk.open({ session, party: "anne", journal, surroundings: GLOBAL_SURROUNDINGS });
    const told = new Promise((resolve) => desk.on("order", (order) => order.view !== null && resolve(order.state)));
    const tender = limitTender({ id: "page", side: "buy", slotMs, slotLengthMs, priceMicro: 100000, quantityWh: 5 });
    const { settled } = await desk.placeTenders([tender]);
    const outcome = await settled;
    const clock = await session.syncClock();
    const state = await told;
    await desk.close();
    session.close();
    return { principal, outcome: outcome.state, state, clock: clock !== null, kept: localStorage.length > 0 };
  };
`;

(isWanted ? test : test.skip)(title, async () => {
  const bundle = await build({
    stdin: { contents: SCRIPT, resolveDir: fileURLToPath(new URL("..", import.meta.url)) },
    ...{
      bundle: true,
      write: false,
      format: "iife",
      platform: "browser",
      conditions: ["source"],
      target: ["chrome110"],
    },
  });
  const script = bundle.outputFiles[0]?.text ?? "";
  const pages = createServer((_, response) => {
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.end(`<!doctype html><title>page</title><script>${script}</script>`);
  });
  await new Promise<void>((resolve) => pages.listen(0, "127.0.0.1", resolve));
  atEnd(() => pages.close());
  const address = pages.address();
  const origin = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  const server = await MarketServer.start({ allowedOrigins: [origin] });
  atEnd(() => server.stop());
  const profile = mkdtempSync(join(tmpdir(), "micromarket-client-"));
  atEnd(() => rmSync(profile, { recursive: true, force: true }));
  const context = await chromium.launchPersistentContext(profile, {
    ...(CHROMIUM === undefined ? {} : { executablePath: CHROMIUM }),
    ...{ headless: true, args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"] },
  });
  atEnd(() => context.close());
  const page = await context.newPage();
  await page.goto(origin);
  const answer = await fetch(`${server.url}/api/v1/ws-ticket`, {
    ...{ method: "POST", body: "{}" },
    headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json", origin },
  });
  const { ticket } = (await answer.json()) as { ticket: string };
  const asked = { ticket, url: server.url, slotMs: server.slot(), slotLengthMs: server.rules.slotLength };
  const seen = await page.evaluate(async (given) => {
    const { trade } = globalThis as unknown as { trade: (what: typeof given) => Promise<unknown> };
    return trade(given);
  }, asked);
  expect(seen).toEqual({ principal: "operator", outcome: "done", state: "open", clock: true, kept: true });
});
