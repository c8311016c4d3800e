/** The ties of a tree's nodes: limits, fees and losses, each a constant, a table by time of day or a column. */
import { partsPerMillion, priceMicro, wattHours, type PriceMicro } from "@micromarket/kernel";
import { ENERGY_MAX, LOSS_MAX, PRICE_MAX } from "@micromarket/engine";
import type { Tie } from "@micromarket/grid";
import type { YamlPath } from "@micromarket/yaml-files";
import type { Horizon } from "./horizon.ts";
import { readLevels, readTariff, readWindows } from "./level-series.ts";
import { readQuantity, readScaled } from "./quantity-text.ts";
import { complain, type ScenarioReading } from "./scenario-reading.ts";
import type { LimitText, LossText, NodeText } from "./scenario-schema.ts";

const MICROWATT_MILLISECONDS_PER_WH = 3_600_000_000_000n;
const DIGITS: Readonly<Record<string, number>> = { W: 0, kW: 3, MW: 6, Wh: 0, kWh: 3, MWh: 6 };

type Series = readonly (number | null)[];

/** Reads the tie of the entry at `path`: one for each slot, the same object where nothing changes. */
export function readTies(
  reading: ScenarioReading,
  path: YamlPath,
  { importLimit, exportLimit, feeIn, feeOut, loss }: NodeText,
  horizon: Horizon,
): readonly Tie[] | null {
  const series = [
    readLimits(reading, [...path, "importLimit"], importLimit, horizon),
    readLimits(reading, [...path, "exportLimit"], exportLimit, horizon),
    readFees(reading, [...path, "feeIn"], feeIn, horizon),
    readFees(reading, [...path, "feeOut"], feeOut, horizon),
    readLosses(reading, [...path, "loss"], loss, horizon),
  ];
  const [imports, exports, feesIn, feesOut, losses] = series;
  if (!imports || !exports || !feesIn || !feesOut || !losses) return null;
  let last: Tie | null = null;
  return Array.from({ length: horizon.slotCount }, (_, slot) => {
    const tie = tieOf([imports, exports, feesIn, feesOut, losses].map((values) => values[slot] ?? null));
    if (last === null || JSON.stringify(tie) !== JSON.stringify(last)) last = tie;
    return last;
  });
}

function tieOf([importLimit = null, exportLimit = null, feeIn = 0, feeOut = 0, loss = 0]: Series): Tie {
  const limit = (energy: number | null): Tie["importLimit"] => (energy === null ? null : wattHours(energy));
  const fee = (price: number | null): PriceMicro => priceMicro(price ?? 0);
  return {
    importLimit: limit(importLimit),
    exportLimit: limit(exportLimit),
    feeIn: fee(feeIn),
    feeOut: fee(feeOut),
    loss: partsPerMillion(loss ?? 0),
  };
}

/** Energy per slot; of a power, as much as it moves in a slot, rounded down to stay below the limit. */
function readLimits(
  reading: ScenarioReading,
  path: YamlPath,
  text: LimitText | undefined,
  horizon: Horizon,
): Series | null {
  if (text === undefined) return new Array<null>(horizon.slotCount).fill(null);
  const at = (place: YamlPath, limit: string): number | null => limitAt(reading, place, limit, horizon);
  if (typeof text === "string") {
    const limit = at(path, text);
    return limit === null ? null : new Array<number>(horizon.slotCount).fill(limit);
  }
  if ("windows" in text) {
    const otherwise = at([...path, "otherwise"], text.otherwise);
    return readWindows(reading, path, text, otherwise, horizon, (place, { limit }) => at([...place, "limit"], limit));
  }
  const levels = readLevels(reading, path, text, DIGITS[text.unit] ?? 0, horizon);
  const energies = levels?.map((level) =>
    text.unit.endsWith("h") ? level : energyOf(BigInt(level) * 1_000_000n, horizon),
  );
  const wrong = energies?.findIndex((energy) => !isLimit(energy)) ?? -1;
  return wrong < 0 ? (energies ?? null) : refuseLimit(reading, path, `in slot ${wrong + 1}`);
}

function limitAt(reading: ScenarioReading, path: YamlPath, text: string, horizon: Horizon): number | null {
  const quantity = readQuantity(text);
  if (!quantity.ok) return complain(reading, path, quantity.error);
  const { value, unit } = quantity.value;
  const energy = unit.endsWith("h") ? Number(value) : energyOf(value, horizon);
  return isLimit(energy) ? energy : refuseLimit(reading, path, `of ${text}`);
}

function energyOf(microwatts: bigint, { slotMs }: Horizon): number {
  return Number((microwatts * BigInt(slotMs)) / MICROWATT_MILLISECONDS_PER_WH);
}

function isLimit(energy: number): boolean {
  return energy >= 0 && energy <= ENERGY_MAX;
}

function refuseLimit(reading: ScenarioReading, path: YamlPath, which: string): null {
  const mend = "write 0 to 1 GWh per slot, or leave it out where there is no limit";
  return complain(reading, path, { code: "LIMIT_OUT_OF_RANGE", what: `a limit ${which}`, mend });
}

function readFees(reading: ScenarioReading, path: YamlPath, text: NodeText["feeIn"], horizon: Horizon): Series | null {
  if (text === undefined) return new Array<number>(horizon.slotCount).fill(0);
  const fees = readTariff(reading, path, text, horizon);
  if (fees?.some((fee) => Math.abs(fee) > PRICE_MAX) !== true) return fees;
  const what = "a fee of more than a million per kWh";
  return complain(reading, path, { code: "FEE_OUT_OF_RANGE", what, mend: "check the unit" });
}

/** Parts per million. */
function readLosses(
  reading: ScenarioReading,
  path: YamlPath,
  text: LossText | undefined,
  horizon: Horizon,
): Series | null {
  if (text === undefined) return new Array<number>(horizon.slotCount).fill(0);
  const losses =
    typeof text === "string" ? constantLoss(reading, path, text, horizon) : lossColumn(reading, path, text, horizon);
  if (losses?.some((loss) => loss < 0 || loss > LOSS_MAX) !== true) return losses;
  const what = "a loss below 0 % or above 90 %";
  return complain(reading, path, { code: "LOSS_OUT_OF_RANGE", what, mend: "write 0 % to 90 % of what is sent" });
}

function constantLoss(
  reading: ScenarioReading,
  path: YamlPath,
  text: string,
  { slotCount }: Horizon,
): readonly number[] | null {
  const loss = readScaled(text.replace(/\s*%$/, ""), 4);
  return loss.ok ? new Array<number>(slotCount).fill(Number(loss.value)) : complain(reading, path, loss.error);
}

function lossColumn(
  reading: ScenarioReading,
  path: YamlPath,
  text: Exclude<LossText, string>,
  horizon: Horizon,
): readonly number[] | null {
  return readLevels(reading, path, text, text.unit === "%" ? 4 : 0, horizon);
}
