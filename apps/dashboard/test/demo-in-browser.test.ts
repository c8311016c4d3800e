/** The page of the real demo, a process of its own: what its devices under control show, and that they can be stopped. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ControlList } from "@micromarket/api-http";
import { keepPicture, noBrowser, openWindow } from "./browser.ts";
import { says, shows } from "./page-reading.ts";

const COMMAND = fileURLToPath(new URL("../../cli/bin/micromarket.js", import.meta.url));
const LONG = 300_000;
const [BATTERY, CHARGER, INVERTER] = ["home-1-battery", "home-2-charger", "home-5-inverter"];
const inBrowser = noBrowser === null ? test : test.skip;
const title = (text: string): string => (noBrowser === null ? text : `${text} (skipped: ${noBrowser})`);

const folder = mkdtempSync(join(tmpdir(), "micromarket-demo-page-"));
let demo: ChildProcess | null = null;
let url = "";

beforeAll(async () => {
  if (noBrowser !== null) return;
  demo = spawn(process.execPath, [COMMAND, "demo", "--port", "0", "--data", folder, "--quiet"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [address] = (await once(demo.stdout ?? demo, "data")) as unknown[];
  url = String(address).trim();
}, LONG);

afterAll(async () => {
  if (demo !== null) {
    const ended = once(demo, "exit");
    demo.kill("SIGKILL");
    await ended;
  }
  rmSync(folder, { recursive: true, force: true });
}, LONG);

async function controls(): Promise<ControlList> {
  return (await (await fetch(`${url}/api/v1/controls`)).json()) as ControlList;
}

async function until(holds: (list: ControlList) => boolean): Promise<void> {
  while (!holds(await controls())) await new Promise((resolve) => setTimeout(resolve, 100));
}

const phaseOf = ({ controls: all }: ControlList, device: string): string | undefined =>
  all.find((each) => each.device === device)?.phase;

inBrowser.each([
  ["phone", { width: 390, height: 844 }],
  ["wide", { width: 1_280, height: 900 }],
] as const)(
  title("%s: a battery with its charge and set-point, a charger with its vehicle, a plant; all stopped and let go"),
  async (name, viewport) => {
    const { page, complaints, close } = await openWindow(`${url}/`, { viewport });
    try {
      await page.goto(`${url}/`);
      await says(page, "Live");
      await until((list) => phaseOf(list, BATTERY) === "holding");
      const device = (id: string) => page.locator(`[data-device="${id}"]`);
      await device(BATTERY).locator('[data-control="setpoint_power_w"]').getByText("held").waitFor();
      const told = await device(BATTERY).locator(".way dd").allInnerTexts();
      expect(told).toEqual([0, 1, 2].map(() => expect.stringMatching(/^(?:−?\d+\.\d{3} kW(?: in| out)?|–)$/)));
      await device(BATTERY).locator('[data-beside="state_of_charge_ppm"]').getByText("%").waitFor();
      await device(CHARGER).locator('[data-beside="vehicle_state"]').waitFor();
      await device(CHARGER).locator('[data-control="evse_current_ma"]').waitFor();
      await device(INVERTER).locator('[data-control="limit_generation_w"]').waitFor();
      const first = await page.locator(".devices .name").allInnerTexts();
      expect(first.slice(0, 3)).toEqual([BATTERY, CHARGER, INVERTER]);
      for (const id of [BATTERY, CHARGER, INVERTER]) expect(await device(id).locator(".notice").count()).toBe(0);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
      await keepPicture(page, `demo-${name}`);

      await page.getByRole("button", { name: "Emergency stop" }).click();
      await page.getByRole("button", { name: "Stop everything" }).click();
      await shows(page, "controls-state", "Stopped by the page");
      await until((list) => list.controls.every(({ phase, actual }) => phase === "stopped" || actual === null));
      await page.getByRole("button", { name: "Let controls work again …" }).click();
      await page.getByRole("button", { name: "Yes, write to devices again" }).click();
      await until(({ stopped }) => stopped === null);
      expect(complaints).toEqual([]);
    } finally {
      await close();
    }
  },
  LONG,
);
