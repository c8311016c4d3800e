/** The published street against the reference figures of its data set's README. */
import { describe, expect, test } from "@jest/globals";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { runCommand } from "./memory-console.ts";

const DATA = fileURLToPath(new URL("../../../../shared/data/citylearn-2022-fontana/", import.meta.url));
const IS_CI = process.env["CI"] === "true";
const whenDataIsThere = existsSync(DATA) || IS_CI ? test : test.skip;

/** From README.md beside the data: plain float64 over the same rows. Energies in kWh, money in USD, CO2 in kg. */
const REFERENCE = {
  "citylearn-2022": {
    load: 169_644.031,
    pv: 103_425.402,
    selfConsumption: [0.5562, 0.7273],
    selfSufficiency: [0.3391, 0.4434],
    traded: 17_695.722,
    gridImport: 94_425.402,
    gridExport: 28_206.773,
    peakImport: 49.0588,
    loadFactor: 0.2197,
    bills: [31_099.67, 27_506.65],
    carbon: [17_870.14, 14_874.44],
  },
  "citylearn-2022-13-homes": {
    load: 135_896.732,
    pv: 86_706.673,
    selfConsumption: [0.5308, 0.6096],
    selfSufficiency: [0.3387, 0.389],
    traded: 6_832.79,
    gridImport: 83_036.647,
    gridExport: 33_846.588,
    peakImport: 40.2332,
    loadFactor: 0.2356,
    bills: [25_366.33, 23_783.54],
    carbon: [14_233.08, 13_049.74],
  },
} as const;

type Figures = Record<string, Record<string, number | string | null>>;

function figure(figures: Figures, group: string, name: string): number {
  const value = figures[group]?.[name];
  expect(value).toBeDefined();
  return Number(value);
}

/** Relative difference of at most 1e-4; for a figure printed with fewer digits, half of its last one. */
function expectClose(actual: number, expected: number, printed = 0): void {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(Math.max(1e-4 * expected, printed));
}

describe.each(Object.entries(REFERENCE))("%s", (name, reference) => {
  whenDataIsThere(
    "reproduces the reference figures; truthful trade reaches its bound and leaves nobody worse off",
    async () => {
      const scenario = fileURLToPath(new URL(`../../../simulations/${name}.yaml`, import.meta.url));
      const { exitCode, out } = await runCommand(["simulate", scenario, "--json", "--quiet"]);
      expect(exitCode).toBe(0);
      const figures = JSON.parse(out) as Figures;
      const { selfConsumption, selfSufficiency, bills, carbon } = reference;
      expectClose(figure(figures, "energy", "load_wh") / 1e3, reference.load);
      expectClose(figure(figures, "energy", "pv_wh") / 1e3, reference.pv);
      expectClose(figure(figures, "energy", "self_consumption_alone"), selfConsumption[0], 5e-5);
      expectClose(figure(figures, "energy", "self_consumption_shared"), selfConsumption[1], 5e-5);
      expectClose(figure(figures, "energy", "self_sufficiency_alone"), selfSufficiency[0], 5e-5);
      expectClose(figure(figures, "energy", "self_sufficiency_shared"), selfSufficiency[1], 5e-5);
      expectClose(figure(figures, "energy", "local_wh") / 1e3, reference.traded);
      expectClose(figure(figures, "grid", "import_wh") / 1e3, reference.gridImport);
      expectClose(figure(figures, "grid", "export_wh") / 1e3, reference.gridExport);
      expectClose(figure(figures, "grid", "peak_import_w") / 1e3, reference.peakImport);
      expectClose(figure(figures, "grid", "load_factor"), reference.loadFactor, 5e-5);
      expectClose(figure(figures, "bills", "alone_nano") / 1e9, bills[0]);
      expectClose(figure(figures, "bills", "market_nano") / 1e9, bills[1]);
      expectClose(figure(figures, "carbon", "alone_nanograms") / 1e12, carbon[0]);
      expectClose(figure(figures, "carbon", "shared_nanograms") / 1e12, carbon[1]);

      expect(figures["energy"]?.["local_wh"]).toBe(figures["energy"]?.["local_bound_wh"]);
      expect(figure(figures, "bills", "not_worse_off")).toBe(1);
      expect(figure(figures, "efficiency", "gain_share")).toBe(1);
      expect(figure(figures, "efficiency", "allocative_efficiency")).toBe(1);
    },
    300_000,
  );
});
