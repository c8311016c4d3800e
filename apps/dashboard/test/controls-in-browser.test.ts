/** The page's controls in a real browser against the real API, before a desk that notes what reaches it. */
import { afterAll, afterEach, describe, expect, test } from "@jest/globals";
import { rmSync } from "node:fs";
import { instantMs, measured, missing, ok } from "@micromarket/kernel";
import { createReadModel, startApi, type ApiServer, type MarketReadModel, type ReadModel } from "@micromarket/api-http";
import { marketRules } from "@micromarket/testkit";
import type { Page } from "playwright-core";
import { buildPage, keepPicture, noBrowser, openWindow, type Window } from "./browser.ts";
import { contrastsBelow } from "./contrast.ts";
import { BATTERY, CHARGER, FixtureDesk, INVERTER } from "./control-fixture.ts";
import { NOW_MS } from "./market-fixture.ts";
import { says, shows } from "./page-reading.ts";

const METER = "home-1 meter"; // before the others by its name
const PHONE = { viewport: { width: 360, height: 800 } };
const inBrowser = noBrowser === null ? test : test.skip;
const title = (text: string): string => `${text}${noBrowser === null ? "" : ` (skipped: ${noBrowser})`}`;
const folder = buildPage();
const open: Window[] = [];
const servers: ApiServer[] = [];

afterEach(async () => {
  for (const window of open.splice(0)) await window.close();
  for (const server of servers.splice(0)) await server.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function streetModel(): ReadModel {
  const at = instantMs(NOW_MS);
  const model = createReadModel({ rules: marketRules(), since: at });
  const [requirements, caveats] = [["Enable inverter control via Modbus"], ["0 % puts it into standby"]];
  const head = {
    name: "sunspec-inverter",
    version: "1.0.0",
    kind: "inverter",
    vendor: "SunSpec",
    verified: "lab",
  } as const;
  const link = { requests: 4_211, timeouts: 3, exceptions: 1, reconnects: 2, lastGood: at };
  model.describeDevice(INVERTER.device, { profile: { ...head, requirements, caveats }, link, flags: ["direction"] });
  model.describeDevice(BATTERY.device, {
    flags: ["estimated", "too coarse"],
    trouble: "Answers late, three times a day.",
  });
  model.observe({ device: INVERTER.device, readings: [{ point: "power_w", value: measured(-4_180), at }] }, at);
  const store = [
    { point: "power_w", value: measured(1_500), at },
    { point: "state_of_charge_ppm", value: measured(625_000), at },
    { point: "imported_wh", value: missing("not-provided"), at },
  ] as const;
  model.observe({ device: BATTERY.device, readings: store }, at);
  const session = [
    { point: "power_w", value: measured(4_140), at },
    { point: "vehicle_state", value: measured(2), at },
    { point: "session_wh", value: measured(4_200), at },
  ] as const;
  model.observe({ device: CHARGER.device, readings: session }, at);
  model.observe({ device: METER, readings: [{ point: "power_w", value: measured(320), at }] }, at);
  return model;
}

interface Street {
  readonly desk: FixtureDesk;
  readonly read: string[];
  readonly page: Page;
  readonly window: Window;
}

async function visit(
  options: Parameters<typeof openWindow>[1],
  model: MarketReadModel = streetModel(),
): Promise<Street> {
  const [desk, read] = [new FixtureDesk(), [] as string[]];
  const pass = () => ({ status: "pass" as const, detail: "works" });
  const started = await startApi({
    ...{ model, controls: desk, page: { directory: folder }, version: "1.2.3", port: 0 },
    clock: { now: () => instantMs(NOW_MS), factor: null },
    probes: { store: pass, clock: pass },
    readDevice: (device) => {
      read.push(device);
      return Promise.resolve(ok(null));
    },
  });
  if (!started.ok) throw new Error(started.error.message);
  servers.push(started.value);
  const window = await openWindow(started.value.url, options);
  open.push(window);
  await window.page.goto(`${started.value.url}/`);
  return { desk, read, page: window.page, window };
}

const control = (page: Page, { device, capability }: { readonly device: string; readonly capability: string }) =>
  page.locator(`[data-device="${device}"] [data-control="${capability}"]`);

describe("in the browser", () => {
  inBrowser(
    title("the stop reaches the desk, by keyboard, in the name that is given; its reset asks again"),
    async () => {
      const { desk, page, window } = await visit(PHONE);
      await says(page, "Live");
      await page.getByRole("button", { name: "Emergency stop" }).focus();
      await page.keyboard.press("Enter");
      await page.getByRole("dialog", { name: "Stop all controls?" }).waitFor();
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
      expect(desk.asked).toEqual([]);

      await page.getByRole("button", { name: "Emergency stop" }).click();
      await page.getByLabel("Your name, for the record").fill("Ada");
      await keepPicture(page, "controls-phone-dialog");
      await page.keyboard.press("Enter");
      await shows(page, "controls-state", "Stopped by Ada at 12:05:10");
      expect(desk.asked).toEqual(["stop by Ada"]);
      await control(page, INVERTER).getByText("stopped").waitFor();
      await keepPicture(page, "controls-phone-stopped");

      await page.getByRole("button", { name: "Let controls work again …" }).click();
      expect(desk.asked).toEqual(["stop by Ada"]);
      await page.getByRole("button", { name: "Yes, write to devices again" }).click();
      await shows(page, "controls-state", "1 of 3 controls held");
      expect(desk.asked).toEqual(["stop by Ada", "reset by Ada"]);
      expect(window.complaints).toEqual([]);
    },
  );

  inBrowser(title("the stop works while the market's model fails altogether"), async () => {
    const broken = new Proxy<MarketReadModel>(streetModel(), {
      get: (model, name) => {
        if (name !== "subscribe") return () => fails();
        const value: unknown = Reflect.get(model, name, model);
        return typeof value === "function" ? (value.bind(model) as unknown) : value;
      },
    });
    const fails = (): never => {
      throw new Error("the market is gone");
    };
    const { desk, page } = await visit(PHONE, broken);
    await page.getByRole("button", { name: "Emergency stop" }).click();
    await page.getByRole("button", { name: "Stop everything" }).click();
    await shows(page, "controls-state", "Stopped by the page");
    expect(desk.asked).toEqual(["stop by the page"]);
    await control(page, INVERTER).waitFor();
  });

  inBrowser(title("the stop is there where the desk cannot even say what it controls"), async () => {
    const { desk, page } = await visit(PHONE);
    await shows(page, "controls-state", "1 of 3 controls held");
    desk.isSilent = true;
    await page.reload();
    await shows(page, "controls-state", "What is controlled is not known");
    await page.getByRole("button", { name: "Emergency stop" }).click();
    await page.getByRole("button", { name: "Stop everything" }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect(desk.asked).toEqual(["stop by the page"]);
  });

  inBrowser(title("a control says what bounds it and when it reverts; a locked one how it is opened"), async () => {
    const { desk, read, page } = await visit(PHONE);
    const held = control(page, INVERTER);
    await held.getByText("held").waitFor();
    const cells = await held.locator(".way dd").allInnerTexts();
    expect(cells).toEqual(["6.000 kW", "4.200 kW", "4.180 kW"]);
    const why = (await held.locator(".why").innerText()).replaceAll("\n", " ");
    expect(why).toContain("home-8 may feed in 4200 W");
    expect(why).toContain("Somebody else limits it to 7.000 kW");
    expect(why).toMatch(/Reverts by itself in 1 min \d\d s|Reverts by itself in \d+ s/);
    expect(why).toContain("31 of 200 writes today");
    const locked = control(page, BATTERY);
    await locked.getByText("locked", { exact: true }).waitFor();
    expect(await locked.innerText()).toContain(BATTERY.locked?.mend ?? "no mend");

    await page.getByRole("button", { name: `Give ${INVERTER.device} back` }).click();
    await page.getByText("Not done: the device does not answer.").waitFor();
    await page.locator(`[data-device="${INVERTER.device}"] summary`).first().click();
    await page.getByText("Enable inverter control via Modbus").waitFor();
    await page.getByRole("button", { name: `Read ${INVERTER.device} now` }).click();
    await page.getByText("Read.", { exact: true }).waitFor();
    await page.getByText("Prove that it lets go by itself").first().click();
    await page.getByText("micromarket device prove-reversion").first().waitFor();
    expect([desk.asked, read]).toEqual([[`release ${INVERTER.device}`], [INVERTER.device]]);
  });

  inBrowser(
    title("what can be told something comes first, a store with its charge, a charger with its session"),
    async () => {
      const { page } = await visit(PHONE);
      await control(page, BATTERY).waitFor();
      await says(page, "Live");
      const names = await page.locator(".devices .name").allInnerTexts();
      expect(names).toEqual([BATTERY.device, CHARGER.device, INVERTER.device, METER]);
      const besides = (device: string): Promise<readonly string[]> =>
        page.locator(`[data-device="${device}"] [data-beside]`).allInnerTexts();
      expect(await besides(BATTERY.device)).toEqual(["State of charge 62.5 %"]);
      expect(await besides(CHARGER.device)).toEqual(["Vehicle charging", "Charged since plugged in 4.200 kWh"]);
      expect(await besides(METER)).toEqual([]);
      const battery = page.locator(`[data-device="${BATTERY.device}"]`);
      expect(await battery.innerText()).not.toContain("missing");
      await battery.locator("summary").first().click();
      await battery.getByText("Not provided: Imported").waitFor();
    },
  );

  inBrowser(title("a home is dimmed to a power for a time, and let go"), async () => {
    const { desk, page } = await visit(PHONE);
    const limit = page.getByLabel("Most import of the devices of home-4 in kW");
    await limit.fill("7,56");
    await page.getByRole("button", { name: "Dim home-4" }).click();
    await shows(page, "dimmed", "leaves its devices 7.560 kW until 12:20");
    await page.getByRole("button", { name: "End dimming of home-4" }).click();
    await page.getByText("The limit is lifted.").waitFor();
    expect(desk.asked).toEqual(["dim home-4 to 7560 W", "undim home-4"]);
    await limit.fill("plenty");
    expect(await page.getByRole("button", { name: "Dim home-4" }).isDisabled()).toBe(true);
  });

  inBrowser.each([
    ["phone", 360, "light"],
    ["phone-dark", 360, "dark"],
    ["wide", 1_280, "light"],
    ["wide-dark", 1_280, "dark"],
  ] as const)(title("%s: no sideways scroll, enough contrast, names"), async (name, width, colorScheme) => {
    const { page, window } = await visit({ viewport: { width, height: 800 }, colorScheme, reducedMotion: "reduce" });
    await control(page, INVERTER).waitFor();
    await says(page, "Live");
    for (const summary of await page.locator(".devices summary").all()) await summary.click();
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    expect(await contrastsBelow(page, 4.5)).toEqual([]);
    const tree = await page.locator("body").ariaSnapshot();
    expect(tree).not.toMatch(/- (?:button|slider|combobox|textbox|img|region|table)(?::|$)/m);
    await page.evaluate(() => scrollTo(0, 0));
    await keepPicture(page, `controls-${name}`);
    await page.getByRole("button", { name: "Emergency stop" }).click();
    expect(await contrastsBelow(page, 4.5)).toEqual([]);
    expect(window.complaints).toEqual([]);
  });
});
