/** What stands on the page, read the way a person would: words, tables, and corners of lines against the scales beside them. */
import { expect } from "@jest/globals";
import type { Locator, Page } from "playwright-core";

const SECOND = 1_000;

/** The value with that name. */
export const field = (page: Page, name: string): Locator => page.locator(`[data-field="${name}"]`);

/** The value cell of a device's point. */
export const pointValue = (page: Page, device: string, point: string): Locator =>
  page.locator(`[data-device="${device}"] [data-point="${point}"] td`).first();

/** Waits until the page shows `text` there. */
export async function shows(page: Page, name: string, text: string | RegExp): Promise<void> {
  await field(page, name)
    .filter({ hasText: text })
    .waitFor({ timeout: 10 * SECOND });
}

/** Waits until the page says `text` of its connection. */
export async function says(page: Page, text: string | RegExp, timeoutMs = 15 * SECOND): Promise<void> {
  await page.getByRole("status", { name: "Connection" }).filter({ hasText: text }).waitFor({ timeout: timeoutMs });
}

/** The cells of a table, row by row, lines of a date left out; text that is folded away counts. */
export async function rows(page: Page, table: string): Promise<string[][]> {
  return page
    .locator(`[data-table="${table}"] tbody tr:not(.day)`)
    .evaluateAll((found) => found.map((row) => [...row.children].map((cell) => cell.textContent.trim())));
}

/** Price and energy of a text in the page's units. */
export const micro = (text: string): number | null =>
  text === "any price" ? null : Math.round(Number(text.replace("\u2212", "-")) * 1e6);
export const wattHours = (text: string): number =>
  Math.round(Number(text.replaceAll("\u202f", "").replace("\u2212", "-")) * 1e3);

/** A drawn curve in Wh and micro, the part of the plane that is shown, and what one pixel is worth. */
export interface DrawnCurve {
  readonly corners: readonly (readonly [priceMicro: number, energyWh: number])[];
  readonly lastWh: number;
  readonly lowMicro: number;
  readonly highMicro: number;
  readonly pixelWh: number;
  readonly pixelMicro: number;
}

/** A curve of the picture, read off the picture's own scales. */
export async function drawnCurve(page: Page, curve: "demand" | "supply"): Promise<DrawnCurve> {
  const path = (await page.locator(`[data-curve="${curve}"]`).getAttribute("d")) ?? "";
  const energyLine = page.locator(".axes [data-energy] line").first();
  const priceLine = page.locator(".axes [data-price] line").first();
  const pixel = async (line: Locator, name: string): Promise<number> => Number(await line.getAttribute(name));
  const toEnergy = lineThrough(await ticks(page, "energy", "x"));
  const toPrice = lineThrough(await ticks(page, "price", "y"));
  const corners: [number, number][] = [];
  let y = 0;
  for (const [, command, number] of path.matchAll(/([VH])([\d.]+)/g)) {
    if (command === "V") y = Number(number);
    else corners.push([toPrice(y), toEnergy(Number(number))]);
  }
  return {
    corners,
    lastWh: toEnergy(await pixel(priceLine, "x2")),
    highMicro: toPrice(await pixel(energyLine, "y1")),
    lowMicro: toPrice(await pixel(energyLine, "y2")),
    pixelWh: toEnergy(1) - toEnergy(0),
    pixelMicro: toPrice(0) - toPrice(1),
  };
}

async function ticks(page: Page, name: string, place: string): Promise<(readonly [number, number])[]> {
  return page
    .locator(`.axes [data-${name}]`)
    .evaluateAll(
      (marks, [value = "", pixel = ""]) =>
        marks.map((mark) => [Number(mark.getAttribute(pixel)), Number(mark.getAttribute(value))] as const),
      [`data-${name}`, `data-${place}`],
    );
}

function lineThrough(points: readonly (readonly [number, number])[]): (pixel: number) => number {
  const [[fromPixel, from] = [0, 0], [toPixel, to] = [1, 0]] = [points[0], points.at(-1)];
  return (pixel) => from + ((pixel - fromPixel) / (toPixel - fromPixel)) * (to - from);
}

type Curve = readonly (readonly [priceMicro: number | null, energyWh: number])[];

/** The drawn curve has a corner for each level that fits into the picture, and no other, where the level is. */
export function expectCurve(drawn: DrawnCurve, curve: Curve, side: "buy" | "sell"): void {
  const { corners, lastWh, lowMicro, highMicro, pixelWh, pixelMicro } = drawn;
  const beyond = curve.findIndex(([, energyWh]) => energyWh > lastWh + pixelWh / 2);
  const shown = beyond === -1 ? curve : curve.slice(0, beyond + 1);
  expect(corners).toHaveLength(shown.length);
  for (const [index, [priceMicro, energyWh]] of shown.entries()) {
    const price = Math.min(highMicro, Math.max(lowMicro, priceMicro ?? (side === "buy" ? highMicro : lowMicro)));
    const [drawnPrice = NaN, drawnEnergy = NaN] = corners[index] ?? [];
    expect(Math.abs(drawnPrice - price)).toBeLessThan(pixelMicro);
    expect(Math.abs(drawnEnergy - Math.min(energyWh, lastWh))).toBeLessThan(pixelWh);
  }
}
