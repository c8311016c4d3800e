/**
 * The page against the real thing: a gateway process with its journal, before simulated devices behind real sockets.
 * What the page shows is what the API says; a gateway that dies, stalls or comes back is seen without a reload.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import type { BrowserContextOptions, Page } from "playwright-core";
import type { PartyPosition, PartyStatement, SlotBook, SlotDetail, SlotPage } from "@micromarket/api-http";
import { instantMs } from "@micromarket/kernel";
import { keepPicture, noBrowser, openWindow, type Window } from "./browser.ts";
import { contrastsBelow } from "./contrast.ts";
import { LiveStreet } from "./live-street.ts";
import { drawnCurve, expectCurve, field, micro, pointValue, rows, says, shows, wattHours } from "./page-reading.ts";

const SECOND = 1_000;
const HOURS_OF_SILENCE = 8 * 3_600_000;
/** A quarter of an hour in less than four seconds. */
const SPEED = 240;
const PHONE: BrowserContextOptions = { viewport: { width: 360, height: 800 }, hasTouch: true };
const HOME = "home-5";

const inBrowser = noBrowser === null ? test : test.skip;
const title = (text: string): string => (noBrowser === null ? text : `${text} (skipped: ${noBrowser})`);

let street: LiveStreet;
const open: Window[] = [];

beforeAll(async () => {
  if (noBrowser !== null) return;
  const epoch = instantMs(Date.UTC(2026, 5, 1, 9));
  street = await LiveStreet.open({ homes: 6, seed: 3, speed: SPEED, epoch });
  await street.startGateway();
}, 60 * SECOND);

afterEach(async () => {
  for (const window of open.splice(0)) await window.close();
});

afterAll(async () => {
  if (noBrowser === null) await street.close();
}, 60 * SECOND);

async function visit(options: BrowserContextOptions = PHONE, prepare?: (page: Page) => Promise<void>): Promise<Window> {
  const window = await openWindow(street.url, options);
  open.push(window);
  await prepare?.(window.page);
  await window.page.goto(street.url);
  await says(window.page, "Live");
  return window;
}

async function until<Found>(find: () => Promise<Found | null>): Promise<Found> {
  for (;;) {
    const found = await find();
    if (found !== null) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function clearedSlots(): Promise<SlotPage["slots"]> {
  return (await street.ask<SlotPage>("slots?limit=672")).slots;
}

/** The newest first slots with a price, once there are `count` of them. */
async function pricedSlots(count: number): Promise<SlotPage["slots"]> {
  return until(async () => {
    const priced = (await clearedSlots()).filter((slot) => slot.price_micro_per_kwh !== null);
    return priced.length >= count ? priced : null;
  });
}

/** Chooses the slot that starts then with the keyboard alone. */
async function chooseByKeyboard(page: Page, start: string): Promise<void> {
  await page.getByRole("slider", { name: "Slot" }).focus();
  const oldestFirst = (await rows(page, "history")).map(([slot]) => slot).toReversed();
  await page.keyboard.press("Home");
  for (let step = oldestFirst.indexOf(slotName(start)); step > 0; step -= 1) await page.keyboard.press("ArrowRight");
  await until(async () => ((await shownSlot(page)) === start ? true : null));
}

const shownSlot = (page: Page): Promise<string | null> => page.locator("#slot").getAttribute("data-slot");
const amount = (text: string): bigint =>
  BigInt(
    text
      .replace(/[\u202f]| EUR/g, "")
      .replace("\u2212", "-")
      .replace(/\.(\d+)$/, (_, digits: string) => digits.padEnd(9, "0")),
  );

/** Holds the picture, its words and its tables against what the API says of that slot. */
async function expectSlotOnPage(page: Page, start: string): Promise<void> {
  const [detail, book] = await Promise.all([
    street.ask<SlotDetail>(`slots/${start}`),
    street.ask<SlotBook>(`slots/${start}/book`),
  ]);
  const crossing = page.locator("g.crossing");
  expect([
    Number(await crossing.getAttribute("data-crossing-wh")),
    Number(await crossing.getAttribute("data-crossing-micro")),
  ]).toEqual([detail.energy_wh, detail.price_micro_per_kwh]);
  expectCurve(await drawnCurve(page, "demand"), book.demand, "buy");
  expectCurve(await drawnCurve(page, "supply"), book.supply, "sell");
  await expectCrossingDrawn(page, detail);
  for (const [name, curve] of [
    ["demand", book.demand],
    ["supply", book.supply],
  ] as const) {
    const levels = (await rows(page, name)).map(([price = "", energy = ""]) => [micro(price), wattHours(energy)]);
    expect(levels).toEqual(curve);
  }
  for (const [name, level] of [
    ["marginal-buyers", book.marginal.buy],
    ["marginal-sellers", book.marginal.sell],
  ] as const) {
    const [price = "", ...tenders] = (await field(page, name).innerText()).split(/,? /);
    expect([micro(price), tenders]).toEqual([level?.price_micro_per_kwh, level?.tenders]);
  }
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
}

/** The circle stands where price and energy are on the scales beside it. */
async function expectCrossingDrawn(page: Page, { energy_wh, price_micro_per_kwh }: SlotDetail): Promise<void> {
  const { pixelWh, pixelMicro, highMicro } = await drawnCurve(page, "demand");
  const place = async (of: string, name: string): Promise<number> => Number(await page.locator(of).getAttribute(name));
  const [left, top] = [
    await place(".axes [data-price] line >> nth=0", "x1"),
    await place(".axes [data-energy] line >> nth=0", "y1"),
  ];
  const [x, y] = [await place(".crossing circle", "cx"), await place(".crossing circle", "cy")];
  expect(Math.abs((x - left) * pixelWh - energy_wh)).toBeLessThan(pixelWh);
  expect(Math.abs(highMicro - (y - top) * pixelMicro - (price_micro_per_kwh ?? NaN))).toBeLessThan(pixelMicro);
}

describe("before a real gateway", () => {
  inBrowser(
    title("a slot is cleared, and devices are read, while the page is open"),
    async () => {
      const { page, complaints } = await visit();
      const [slot] = await pricedSlots(3);
      expect(slot).toBeDefined();
      await until(async () => ((await shownSlot(page)) ?? "") >= (slot?.start ?? "x") || null);
      await shows(page, "price-now", /^−?\d\.\d{4}/);
      expect(await page.getByText("Accelerated market time: 240 × real time").count()).toBe(1);
      await shows(page, "devices-up", /^(\d+) of \1 answer$/);
      const device = `${HOME}-grid`;
      await page.locator(`[data-device="${device}"] summary`).click();
      const counted = pointValue(page, device, "imported_wh");
      const exported = pointValue(page, device, "exported_wh");
      const before = `${await counted.innerText()} ${await exported.innerText()}`;
      await until(async () => (`${await counted.innerText()} ${await exported.innerText()}` === before ? null : true));
      const countdown = await field(page, "countdown").innerText();
      await until(async () => ((await field(page, "countdown").innerText()) === countdown ? null : true));
      expect(complaints).toEqual([]);
    },
    120 * SECOND,
  );

  inBrowser(
    title("the curves of any past slot are the API's, chosen by keyboard"),
    async () => {
      const { page, complaints } = await visit({ ...PHONE, reducedMotion: "reduce" });
      for (const slot of (await pricedSlots(3)).slice(-2)) {
        await chooseByKeyboard(page, slot.start);
        await expectSlotOnPage(page, slot.start);
      }
      expect(complaints).toEqual([]);
    },
    60 * SECOND,
  );

  inBrowser(
    title("a home's position and statement tie to the API, down to the slot and into a file"),
    async () => {
      const { page, complaints } = await visit();
      await page.getByLabel("Party").selectOption(HOME);
      await page.locator('[data-table="statement"] tbody tr').first().waitFor();
      const [position, statement] = await until(async () => accountOnPage(page));
      expect(statement.lines.length).toBeGreaterThan(0);
      expect(position.slots.length).toBeGreaterThan(2);

      const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("button", { name: "Save as CSV" }).click(),
      ]);
      expect(download.suggestedFilename()).toBe(`statement-${HOME}.csv`);
      const lines = readFileSync(await download.path(), "utf8").split("\r\n");
      expect(lines[0]).toMatch(/^slot,posted,kind,side,/);
      expect(lines.length).toBeGreaterThanOrEqual(statement.lines.length + 2);

      const trade = page.locator('[data-table="statement"] tr', { hasText: /bought from|sold to/ }).last();
      const link = trade.locator("button.link");
      const start = await link.locator("time").getAttribute("datetime");
      await link.click();
      await until(async () => (Date.parse((await shownSlot(page)) ?? "") === Date.parse(start ?? "") ? true : null));
      await page.locator("[data-own]").first().waitFor({ state: "attached" });
      expect(await page.locator('[data-table="fills"] tr.own').count()).toBeGreaterThan(0);
      expect(complaints).toEqual([]);
    },
    60 * SECOND,
  );

  inBrowser(
    title("phone and wide, light and dark: no sideways scroll, enough contrast, all named and reached by keyboard"),
    async () => {
      const { page, complaints } = await visit({ ...PHONE, reducedMotion: "reduce" });
      await page.getByLabel("Party").selectOption(HOME);
      await page.locator('[data-table="statement"] tbody tr').first().waitFor();
      await shows(page, "clearing-price", /EUR\/kWh|no trade/);
      for (const [name, width, height] of [
        ["phone", 360, 800],
        ["wide", 1_280, 900],
      ] as const) {
        await page.setViewportSize({ width, height });
        expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
        expect(await page.locator("body").ariaSnapshot()).not.toMatch(
          /- (?:button|slider|combobox|img|region|table)(?::|$)/m,
        );
        expect(await unreachedByKeyboard(page)).toEqual([]);
        await page.evaluate(() => scrollTo(0, 0));
        for (const colorScheme of ["light", "dark"] as const) {
          await page.emulateMedia({ colorScheme });
          expect(await contrastsBelow(page, 4.5)).toEqual([]);
          await keepPicture(page, `${name}-${colorScheme}`);
        }
      }
      expect(complaints).toEqual([]);
    },
    120 * SECOND,
  );

  inBrowser(
    title("a gateway that is killed makes the page stale; started again it goes on without a reload"),
    async () => {
      const { page, complaints } = await visit();
      await page.getByLabel("Party").selectOption(HOME);
      await shows(page, "balance", "EUR");
      await page.evaluate(() => document.body.setAttribute("data-same-page", "yes"));
      const colour = () => field(page, "tariff").evaluate((element) => getComputedStyle(element).color);
      const fresh = await colour();
      await street.killGateway();
      await says(page, /Disconnected, stale since \d\d:\d\d:\d\d/);
      await page.getByText(/The numbers below are from \d\d:\d\d:\d\d/).waitFor();
      expect(await colour()).not.toBe(fresh);
      await shows(page, "countdown", "not known");
      await shows(page, "next-price", /not known|\d/);
      const known = (await rows(page, "history")).map(([slot]) => slot);
      expect(known.length).toBeGreaterThan(3);
      expect(await contrastsBelow(page, 4.5)).toEqual([]);
      await keepPicture(page, "phone-disconnected");

      await street.startGateway();
      await says(page, /^Live$/, 30 * SECOND);
      expect(await colour()).toBe(fresh);
      await until(async () => ((await rows(page, "history")).length > known.length ? true : null));
      const history = (await rows(page, "history")).map(([slot]) => slot);
      expect(history.slice(-known.length)).toEqual(known);
      expect(history).toEqual((await clearedSlots()).slice(-history.length).map(({ start }) => slotName(start)));
      expect(await page.locator("body").getAttribute("data-same-page")).toBe("yes");
      expect(complaints).toEqual([]);
    },
    120 * SECOND,
  );

  inBrowser(
    title("after hours without a word the page says so; when the gateway speaks again it recovers"),
    async () => {
      const { page, complaints } = await visit(PHONE, (blank) => blank.clock.install());
      await shows(page, "price-now", /./);
      await street.stallGateway();
      await page.clock.fastForward(HOURS_OF_SILENCE);
      await says(page, /tale since (?:\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d/);
      await keepPicture(page, "phone-silent");
      street.resumeGateway();
      await page.clock.fastForward(60 * SECOND); // what the page waits for before it tries again
      await says(page, /^Live$/, 30 * SECOND);
      const newest = async (): Promise<string> => (await clearedSlots())[0]?.start ?? "";
      const start = await newest();
      await until(async () => ((await shownSlot(page)) ?? "") > start || null);
      await shows(page, "countdown", /^\d+ s$/);
      expect(complaints).toEqual([]);
    },
    120 * SECOND,
  );
});

const slotName = (start: string): string => `${start.slice(0, 10)} ${start.slice(11, 16)}`;

/** The account once page and API agree on it, for the market goes on meanwhile; null before. */
async function accountOnPage(page: Page): Promise<readonly [PartyPosition, PartyStatement] | null> {
  for (const name of [/^Show all \d+ slots/, /^Show all \d+ lines/]) {
    const more = page.getByRole("button", { name });
    if ((await more.count()) > 0) await more.click();
  }
  const statement = await street.ask<PartyStatement>(`parties/${HOME}/statement?limit=672`);
  const position = await street.ask<PartyPosition>(`parties/${HOME}/position?limit=672`);
  const lines = (await rows(page, "statement")).map((row) => amount(row.at(-1) ?? ""));
  const slots = (await rows(page, "position")).map(([, bought = "", sold = ""]) => [
    wattHours(bought),
    wattHours(sold),
  ]);
  const total = amount(await field(page, "total").innerText());
  const agrees =
    String(lines) === String(statement.lines.toReversed().map((line) => BigInt(line.amount_nano))) &&
    String(slots) === String(position.slots.map((slot) => [slot.bought_wh, slot.sold_wh])) &&
    total === BigInt(statement.totals.total_nano);
  return agrees ? [position, statement] : null;
}

/** Controls that are there from the first press to the last and that the Tab key does not come to. */
async function unreachedByKeyboard(page: Page): Promise<string[]> {
  const controls = "a[href], button:not(:disabled), select, input, summary, [tabindex='0']";
  const count = await page.evaluate((selector) => {
    const visible = [...document.querySelectorAll<HTMLElement>(selector)].filter((one) => one.checkVisibility());
    for (const one of visible) one.dataset["wanted"] = "";
    (document.activeElement as HTMLElement | null)?.blur();
    return visible.length;
  }, controls);
  expect(count).toBeGreaterThan(10);
  for (let press = 0; press < count + 10; press += 1) {
    await page.keyboard.press("Tab");
    await page.evaluate(() => document.activeElement?.removeAttribute("data-wanted"));
  }
  return page.locator("[data-wanted]").evaluateAll((found) => found.map((one) => one.outerHTML.slice(0, 120)));
}
