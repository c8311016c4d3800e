/** The built page in a real browser against the stub: states that a real market is rarely in. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { buildPage, keepPicture, noBrowser, openWindow, type Window } from "./browser.ts";
import { contrastsBelow } from "./contrast.ts";
import { drawnCurve, expectCurve, field, micro, pointValue, rows, says, shows, wattHours } from "./page-reading.ts";
import { instant, LATEST_MS, NO_TRADE, SLOT_MS, slotAt, startOf, statementOf } from "./market-fixture.ts";
import { StubGateway } from "./stub-gateway.ts";

const GZIPPED_BYTES_MAX = 90_000;
const PHONE = { viewport: { width: 360, height: 800 }, hasTouch: true };
const SECOND = 1_000;

const inBrowser = noBrowser === null ? test : test.skip;
const unless = noBrowser === null ? "" : ` (skipped: ${noBrowser})`;
const title = (text: string): string => `${text}${unless}`;

const folder = buildPage();
const stub = new StubGateway(folder);
const open: Window[] = [];

beforeAll(() => stub.start());
afterEach(async () => {
  for (const window of open.splice(0)) await window.close();
});
afterAll(async () => {
  await stub.stop();
  rmSync(folder, { recursive: true, force: true });
}, 30 * SECOND);

async function visit(options: Parameters<typeof openWindow>[1] = PHONE): Promise<Window> {
  const window = await openWindow(stub.url, options);
  open.push(window);
  await window.page.goto(stub.url);
  return window;
}

test("all files together are at most 90 kB gzipped, and name no other server", () => {
  const files = readdirSync(folder);
  expect(files.sort()).toEqual(["favicon.svg", "index.html", "page.css", "page.js"]);
  const bytes = files.map((file) => gzipSync(readFileSync(join(folder, file)), { level: 9 }).length);
  expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThan(GZIPPED_BYTES_MAX);
  const texts = files.map((file) => readFileSync(join(folder, file), "utf8").replace(/^\/\*![^]*?\*\//, ""));
  const addresses = texts.flatMap((text) => text.match(/https?:\/\/[\w.-]+/g) ?? []);
  expect(addresses.filter((address) => address !== "http://www.w3.org")).toEqual([]); // names of namespaces are not asked
});

describe("in the browser", () => {
  inBrowser(title("prices and curves are the API's"), async () => {
    const { page, complaints } = await visit();
    await says(page, "Live");
    const { detail, book } = slotAt(LATEST_MS);
    await shows(page, "clearing-price", "0.2750 EUR/kWh");
    await shows(page, "price-now", "0.2750");
    expect(detail.price_micro_per_kwh).toBe(275_000);
    expect(await field(page, "interval").innerText()).toBe("0.2750 … 0.2750");
    expect(await field(page, "energy").innerText()).toBe("2.700 kWh");
    expect(await field(page, "marginal-buyers").innerText()).toBe("0.2750 home-5/buy");
    expect(await field(page, "marginal-sellers").innerText()).toBe("0.2200 home-8/sell");

    const levels = async (name: string) =>
      (await rows(page, name)).map(([price = "", energy = ""]) => [micro(price), wattHours(energy)]);
    expect(await levels("demand")).toEqual(book.demand);
    expect(await levels("supply")).toEqual(book.supply);
    const fills = (await rows(page, "fills")).map(([who = "", side, energy = "", price = ""]) => [
      who.split(" ")[0],
      side,
      wattHours(energy),
      micro(price),
    ]);
    expect(fills).toEqual(
      detail.fills.map((fill) => [
        fill.party,
        fill.side === "buy" ? "buys" : "sells",
        fill.energy_wh,
        fill.price_micro_per_kwh,
      ]),
    );
    expect(await rows(page, "unfilled")).toHaveLength(detail.unfilled.length + detail.rejections.length);
    expect(complaints).toEqual([]);
  });

  inBrowser(title("the drawn curves have their corners where the book has its levels"), async () => {
    const { page } = await visit();
    await shows(page, "clearing-price", "0.2750");
    const { book } = slotAt(LATEST_MS);
    expectCurve(await drawnCurve(page, "demand"), book.demand, "buy");
    expectCurve(await drawnCurve(page, "supply"), book.supply, "sell");
    expect(await page.getByRole("img", { name: /cross at 2\.700 kWh and 0\.2750 EUR/ }).count()).toBe(1);
    expect(await page.locator(".edge-notes").innerHTML()).toContain("demand from any price");
  });

  inBrowser(title("any past slot can be chosen: by button, key and tap"), async () => {
    const { page } = await visit();
    await shows(page, "clearing-price", "0.2750");
    await page.getByRole("button", { name: "Earlier slot" }).click();
    await shows(page, "clearing-price", "0.2730");
    await page.getByRole("slider", { name: "Slot" }).focus();
    await page.keyboard.press("Home");
    await shows(page, "clearing-price", "0.2495");
    await page.getByRole("button", { name: "Latest" }).click();
    await shows(page, "clearing-price", "0.2750");

    const idle = startOf(NO_TRADE[0] ?? 0);
    const chart = (await page.locator(".u-over").boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
    const share = (idle + SLOT_MS / 2 - startOf(0)) / (LATEST_MS + SLOT_MS - startOf(0));
    await page.locator(".u-over").scrollIntoViewIfNeeded();
    await page.locator(".u-over").tap({ position: { x: share * chart.width, y: chart.height / 2 } });
    await shows(page, "clearing-price", "no trade");
    expect(await page.getByText("Nothing was traded.").count()).toBe(1);
    await shows(page, "interval", "0.1800 … 0.2000");
    const band = (await page.locator(".shown-slot").boundingBox()) ?? { x: 0, width: 0 };
    expect(Math.abs(band.x + band.width / 2 - (chart.x + share * chart.width))).toBeLessThan(3);
    await keepPicture(page, "stub-phone-no-trade");
  });

  inBrowser(title("events change the page: a device's value, a new slot"), async () => {
    const { page } = await visit();
    const value = pointValue(page, "home-2 meter", "power_w");
    for (const summary of await page.locator(".device summary").all()) await summary.click();
    await value.filter({ hasText: "0.640 kW in" }).waitFor();
    const at = { at: instant(stub.nowMs), at_ms: stub.nowMs };
    const point = { point: "power_w", value: -1_777, missing: null, ...at };
    stub.tell({ type: "device-observed", data: { device: "home-2 meter", points: [point] } });
    await value.filter({ hasText: "−1.777 kW out" }).waitFor();
    expect(await pointValue(page, "home-8 inverter", "power_w").innerText()).toBe(
      "missing: the device does not answer",
    );
    expect(await page.locator('[data-device="home-6 meter"] [data-point="power_w"]').innerText()).toContain("stale");

    stub.tell({ type: "gate-closed", data: slotAt(LATEST_MS + SLOT_MS).summary });
    await shows(page, "clearing-price", "0.2495");
  });

  inBrowser(title("the account is exact to the last billionth, and the choice is remembered"), async () => {
    const { page } = await visit();
    await page.getByLabel("Party").selectOption("home-5");
    await shows(page, "balance", "−1.204567891 EUR");
    const { lines, totals } = statementOf("home-5");
    const nano = (text: string): bigint =>
      BigInt(
        text
          .replace(" EUR", "")
          .replace("−", "-")
          .replace(/\.(\d+)$/, (_, digits: string) => digits.padEnd(9, "0")),
      );
    expect(nano(await field(page, "total").innerText())).toBe(BigInt(totals.total_nano));
    await page.getByRole("button", { name: /Show all \d+ lines/ }).click();
    const shown = (await rows(page, "statement")).map((row) => nano(row.at(-1) ?? ""));
    expect(shown).toEqual(lines.toReversed().map((line) => BigInt(line.amount_nano)));
    await page.reload();
    await shows(page, "balance", "−1.204567891 EUR");
    await page.getByLabel("Party").selectOption("supplier");
    await shows(page, "balance", "9\u202f007\u202f199\u202f254\u202f740\u202f993.000000007 EUR");
  });

  inBrowser(title("what cannot be loaded is said, and can be tried again"), async () => {
    stub.broken.add(`/api/v1/slots/${instant(LATEST_MS)}`);
    const { page } = await visit();
    const notice = page
      .getByRole("alert")
      .filter({ hasText: "The slot could not be loaded: the stub was told to fail." });
    await notice.waitFor();
    stub.broken.clear();
    await notice.getByRole("button", { name: "Try again" }).click();
    await shows(page, "clearing-price", "0.2750");
    expect(await notice.count()).toBe(0);
  });

  inBrowser(title("a token is asked for, and kept for this tab"), async () => {
    stub.token = "a-token-of-the-test";
    const { page } = await visit();
    await page.getByLabel("This gateway asks for its token").fill(stub.token);
    await page.keyboard.press("Enter");
    await says(page, "Live");
    await shows(page, "clearing-price", "0.2750");
    stub.token = null;
  });

  inBrowser.each([
    ["phone", 360, "light"],
    ["phone-dark", 360, "dark"],
    ["wide", 1_280, "light"],
    ["wide-dark", 1_280, "dark"],
  ] as const)(
    title("%s: no sideways scroll, enough contrast, every control has a name"),
    async (name, width, colorScheme) => {
      const { page, complaints } = await visit({
        viewport: { width, height: 800 },
        colorScheme,
        reducedMotion: "reduce",
      });
      await page.getByLabel("Party").selectOption("home-5");
      await shows(page, "balance", "−1.204567891");
      await shows(page, "clearing-price", "0.2750");
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
      expect(await contrastsBelow(page, 4.5)).toEqual([]);
      const tree = await page.locator("body").ariaSnapshot();
      expect(tree).toMatch(/heading "Sonnenweg" \[level=1\]/);
      expect(tree).not.toMatch(/- (?:button|slider|combobox|img|region|table)(?::|$)/m);
      await keepPicture(page, `stub-${name}`);
      expect(complaints).toEqual([]);
    },
  );
});
