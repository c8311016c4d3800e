/** The figures of a tree as tables for a terminal. Rounded for reading; `kpis.json` has them exactly. */
import type { LevelKpis, TallyPrices, TreeResult } from "@micromarket/simulation";
import Table from "cli-table3";
import { LOOK, NONE, percent, rounded } from "./kpi-table.ts";

/** Three tables: the whole, the local prices by level, and what became of ties and energy by level. */
export function treeTable({ kpis }: TreeResult, currency: string): string {
  return `${[wholeTable(kpis, currency), priceTable(kpis.levels, currency), tieTable(kpis.levels, currency)].join("\n")}\n`;
}

const energy = (wh: number): string => `${rounded(BigInt(wh), 3, 1)} kWh`;
const power = (watts: number | null): string => (watts === null ? NONE : `${rounded(BigInt(watts), 3, 1)} kW`);
const amount = (nano: bigint): string => rounded(nano, 9, 2);

function wholeTable({ energy: all, grid, bills }: TreeResult["kpis"], currency: string): string {
  const table = new Table({ ...LOOK, colAligns: ["left", "right"] });
  table.push(
    ["load and PV", `${energy(all.loadWh)} and ${energy(all.pvWh)}`],
    ["load shed", `${energy(all.unservedWh)}, ${percent(all.unservedShare)}`],
    ["PV curtailed", `${energy(all.curtailedWh)}, ${percent(all.curtailedShare)}`],
    ["lost in ties", energy(all.lostWh)],
    ["import from and export to the supplier", `${energy(grid.importWh)} and ${energy(grid.exportWh)}`],
    ["peak import and export", `${power(grid.peakImportW)} and ${power(grid.peakExportW)}`],
    ["bills, all homes", `${amount(bills.marketNano)} ${currency}`],
    ["the same energy at tariff and feed-in price", `${amount(bills.aloneNano)} ${currency}`],
  );
  return table.toString();
}

/** Means over all nodes and slots of a level, split in their parts. */
function priceTable(levels: readonly LevelKpis[], currency: string): string {
  const head = [`local price, ${currency}/kWh`, "mean", "energy", "congestion", "loss", "fee", "lowest", "highest"];
  const table = new Table({ head, ...LOOK, colAligns: ["left", ...head.slice(1).map(() => "right" as const)] });
  const keys: readonly (keyof TallyPrices)[] = [
    "meanMicroPerKwh",
    "energyMicroPerKwh",
    "congestionMicroPerKwh",
    "lossMicroPerKwh",
    "feeMicroPerKwh",
    "lowestMicroPerKwh",
    "highestMicroPerKwh",
  ];
  for (const { level, nodes, prices } of levels) {
    const cells = keys.map((key) => (prices === null ? NONE : rounded(BigInt(prices[key]), 6, 4)));
    table.push([`${level} (${nodes})`, ...cells]);
  }
  return table.toString();
}

function tieTable(levels: readonly LevelKpis[], currency: string): string {
  const head = [
    "tie to the level above",
    "down",
    "up",
    "home to home",
    "limit binds (in/out)",
    "islanded",
    "rent",
    "fees",
  ];
  const table = new Table({ head, ...LOOK, colAligns: ["left", ...head.slice(1).map(() => "right" as const)] });
  for (const row of levels) {
    const share = (count: number): string => (row.rows === 0 ? NONE : `${rounded(permille(count, row.rows), 1, 1)} %`);
    table.push([
      row.level,
      energy(row.importedWh),
      energy(row.exportedWh),
      energy(row.localWh),
      `${share(row.importBinds)} / ${share(row.exportBinds)}`,
      share(row.islanded),
      `${amount(row.rentNano)} ${currency}`,
      `${amount(row.feesNano)} ${currency}`,
    ]);
  }
  return table.toString();
}

function permille(count: number, of: number): bigint {
  return BigInt(Math.round((count * 1_000) / of));
}
