/** How much energy a value of a file stands for: its unit as an exact ratio, and the rated power of a plant. */
import { HOUR } from "@micromarket/kernel";
import { CELL_DIGITS } from "./column-grid.ts";
import { columnAt, type ColumnPlan } from "./column-plan.ts";
import { readQuantity } from "./quantity-text.ts";
import { complain, tableAt, type ScenarioReading } from "./scenario-reading.ts";
import type { EnergyColumn, NameplateText } from "./scenario-schema.ts";
import type { YamlPath } from "@micromarket/yaml-files";

/** Which flow a series is. */
export type Flow = "load" | "pv";

/** Whose series is read. */
export interface SeriesOwner {
  readonly home: string;
  readonly flow: Flow;
  /** Puts the home's number into a text. */
  readonly fill: (text: string) => string;
}

/** A positive fraction. */
export interface Factor {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

const WATTS: Readonly<Record<string, bigint>> = { W: 1n, kW: 1_000n, MW: 1_000_000n };

/** Watt-hours of a step per unit of a cell's integer. */
export function factorOf(
  reading: ScenarioReading,
  plan: ColumnPlan,
  text: EnergyColumn,
  nameplate: bigint | null,
): Factor | null {
  const [unit = "", perKilowatt] = text.unit.split("/");
  const isPower = !unit.endsWith("h");
  let numerator = WATTS[isPower ? unit : unit.slice(0, -1)] ?? 0n;
  let denominator = 10n ** BigInt(CELL_DIGITS);
  if (isPower) [numerator, denominator] = [numerator * BigInt(plan.stepMs), denominator * BigInt(HOUR)];
  if (perKilowatt === undefined) return { numerator, denominator };
  if (nameplate !== null)
    return { numerator: numerator * nameplate, denominator: denominator * MICROWATTS_PER_KILOWATT };
  if (text.nameplate !== undefined) return null; // complained about already
  const what = `unit ${text.unit} needs the rated power of the plant`;
  return complain(reading, plan.path, { code: "NAMEPLATE_MISSING", what, mend: "add nameplate: 4 kW, say" });
}

const MICROWATTS_PER_KILOWATT = 1_000_000_000n;

/** The rated power in microwatts. */
export function readNameplate(
  reading: ScenarioReading,
  path: YamlPath,
  text: NameplateText,
  owner: SeriesOwner,
): bigint | null {
  const quantity = typeof text === "string" ? text : lookUp(reading, path, text, owner);
  if (quantity === null) return null;
  const power = readQuantity(quantity);
  if (!power.ok) return complain(reading, path, power.error);
  if (power.value.value > 0n) return power.value.value;
  const what = `the rated power of ${owner.home} is ${quantity}`;
  return complain(reading, path, {
    code: "NAMEPLATE_NOT_POSITIVE",
    what,
    mend: "leave pv out for a home without a plant",
  });
}

/** The rated power with its unit, from a table. */
function lookUp(
  reading: ScenarioReading,
  path: YamlPath,
  text: Exclude<NameplateText, string>,
  { fill }: SeriesOwner,
): string | null {
  const table = tableAt(reading, [...path, "file"], fill(text.file), { delimiter: ",", headerRows: 1 });
  if (table === null) return null;
  const keyColumn = columnAt(reading, [...path, "keyColumn"], table, text.keyColumn);
  const column = columnAt(reading, [...path, "column"], table, text.column);
  if (keyColumn === null || column === null) return null;
  const key = fill(text.key);
  const row = table.rows.findIndex((cells) => cells[keyColumn]?.trim() === key);
  if (row < 0) {
    const what = `${table.name} has no row with ${JSON.stringify(key)} in column ${text.keyColumn}`;
    return complain(reading, [...path, "key"], {
      code: "KEY_NOT_FOUND",
      what,
      mend: "correct the key, or add the row",
    });
  }
  const cell = table.rows[row]?.[column]?.trim() ?? "";
  if (/^\d+(?:\.\d+)?$/.test(cell)) return `${cell} ${text.unit}`;
  const what = `${JSON.stringify(cell)} is no rated power`;
  reading.problems.add(table.placeOf(row, column), { code: "CELL_NOT_A_NUMBER", what, mend: "write plain digits" });
  return null;
}
