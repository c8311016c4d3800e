/** The figures of merit of a run as a table for a terminal. Rounded for reading; `kpis.json` has them exactly. */
import { formatDecimal, parseDecimal, roundQuotient } from "@micromarket/kernel";
import type { Kpis, SettlementKpis } from "@micromarket/simulation";
import Table, { type TableConstructorOptions } from "cli-table3";

/** Where there is no value. */
export const NONE = "–";
/** No colours, and no line between rows. */
export const LOOK: TableConstructorOptions = { style: { head: [], border: [], compact: true } };

/** Two tables: what the homes are alone and in the market, and how the market did. */
export function kpiTable(
  { energy, grid, bills, efficiency, prices, carbon, imbalance, market, settlement }: Kpis,
  currency: string,
): string {
  const money = (nano: bigint): string => `${rounded(nano, 9, 2)} ${currency}`;
  const kilowattHours = (wh: number): string => `${rounded(BigInt(wh), 3, 1)} kWh`;
  const kilowatts = (watts: number | null): string => (watts === null ? NONE : `${rounded(BigInt(watts), 3, 2)} kW`);
  const price = (micro: number | null): string =>
    micro === null ? NONE : `${rounded(BigInt(micro), 6, 4)} ${currency}/kWh`;
  const kilograms = (nanograms: bigint): string => `${rounded(nanograms, 12, 1)} kg`;

  const compared = new Table({
    head: ["", "each home alone", "with the market"],
    ...LOOK,
    colAligns: ["left", "right", "right"],
  });
  compared.push(
    ["self-consumption", percent(energy.selfConsumptionAlone), percent(energy.selfConsumptionShared)],
    ["self-sufficiency", percent(energy.selfSufficiencyAlone), percent(energy.selfSufficiencyShared)],
    ["grid import", kilowattHours(energy.loadWh - energy.coveredAloneWh), kilowattHours(grid.importWh)],
    ["grid export", kilowattHours(energy.pvWh - energy.coveredAloneWh), kilowattHours(grid.exportWh)],
    ["bills, all homes", money(bills.aloneNano), money(bills.marketNano)],
  );
  if (carbon !== null)
    compared.push(["CO2 of the import", kilograms(carbon.aloneNanograms), kilograms(carbon.sharedNanograms)]);

  const achieved = new Table({ ...LOOK, colAligns: ["left", "right"] });
  achieved.push(
    ["load and PV", `${kilowattHours(energy.loadWh)} and ${kilowattHours(energy.pvWh)}`],
    ["traded between homes", `${kilowattHours(energy.localWh)}, ${percent(energy.tradedShare)} of the bound`],
    ["gain from trade", `${money(efficiency.gainNano)}, ${percent(efficiency.gainShare)} of the bound`],
    ["homes no worse off", percent(bills.notWorseOff)],
    ["price, mean", price(prices.meanMicroPerKwh)],
    ["price, lowest to highest", `${price(prices.lowestMicroPerKwh)} to ${price(prices.highestMicroPerKwh)}`],
    ["peak import and export", `${kilowatts(grid.peakImportW)} and ${kilowatts(grid.peakExportW)}`],
    ["load factor", grid.loadFactor ?? NONE],
    ["deviation from what was traded", `${kilowattHours(imbalance.deviationWh)}`],
    ["slots cleared, without trade", `${market.slotsCleared}, ${market.slotsWithoutTrade}`],
  );
  if (settlement !== undefined) achieved.push(...settlementRows(settlement, money, kilowattHours));
  return `${compared.toString()}\n${achieved.toString()}\n`;
}

function settlementRows(
  figures: SettlementKpis,
  money: (nano: bigint) => string,
  kilowattHours: (wh: number) => string,
): readonly [string, string][] {
  const { tendersWithoutFunds, readingsMissed, estimated, truedUp } = figures;
  return [
    ["tenders refused for want of funds", String(tendersWithoutFunds)],
    ["readings missed, estimated, set right", `${readingsMissed}, ${estimated}, ${truedUp}`],
    ["unaccounted for at the tie", kilowattHours(figures.unaccountedWh)],
    ["levies and penalties", `${money(figures.leviesNano)} and ${money(figures.penaltiesNano)}`],
    ["owed at the end", money(figures.arrearsNano)],
  ];
}

/** A count of 10^−digits rounded half up to `kept` digits, all of them written. */
export function rounded(value: bigint, digits: number, kept: number): string {
  const text = formatDecimal(roundQuotient(value, 10n ** BigInt(digits - kept)), kept);
  const [whole = "", fraction = ""] = text.split(".");
  return `${whole}.${fraction.padEnd(kept, "0")}`;
}

/** A ratio in per cent. */
export function percent(figure: string | null): string {
  if (figure === null) return NONE;
  const millionths = parseDecimal(figure, 6);
  return millionths.ok ? `${rounded(millionths.value, 4, 2)} %` : figure;
}
