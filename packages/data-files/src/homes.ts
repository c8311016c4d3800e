/** The homes of a scenario: made up, read from files, or both. */
import {
  durationMs,
  instantMs,
  isMultiple,
  MINUTE,
  partsPerMillion,
  partyId,
  wattHours,
  watts,
  type WattHours,
  type Watts,
} from "@micromarket/kernel";
import { generateHomes, type Home } from "@micromarket/simulation";
import { readEnergySeries } from "./energy-series.ts";
import type { Flow } from "./energy-unit.ts";
import { readFunds } from "./funds-section.ts";
import type { Horizon } from "./horizon.ts";
import { identifierAt } from "./market-rules.ts";
import type { SeriesQuality } from "./quality-report.ts";
import { readQuantity, readScaled } from "./quantity-text.ts";
import { complain, type ScenarioReading } from "./scenario-reading.ts";
import type { GenerateText, HomeEntry } from "./scenario-schema.ts";
import type { YamlPath } from "@micromarket/yaml-files";

const HALF_YEAR_MS = 182 * 86_400_000;

/** Homes, and what is remarkable about their files. */
export interface HomesReading {
  readonly homes: readonly Home[];
  readonly quality: readonly SeriesQuality[];
}

/** Reads `homes`. `supplier` is taken: no home may have that name. */
export function readHomes(
  reading: ScenarioReading,
  horizon: Horizon,
  seed: number,
  supplier: string,
): HomesReading | null {
  const { generate, list = [] } = reading.file.homes;
  const generated = generate === undefined ? [] : makeHomes(reading, generate, horizon, seed);
  const taken = new Set<string>([supplier, ...(generated ?? []).map((home) => home.id)]);
  const funds = readFunds(reading, ["homes"], reading.file.homes);
  const homes: Home[] = (generated ?? []).map((home) => ({ ...home, ...funds }));
  const quality: SeriesQuality[] = [];
  let isComplete = generated !== null;
  for (const [index, entry] of list.entries()) {
    const own = readFunds(reading, ["homes", "list", index], entry);
    for (const number of numbersOf(entry)) {
      const home = readHome(reading, ["homes", "list", index], entry, number, horizon, taken);
      if (home === null) isComplete = false;
      else {
        homes.push({ ...home.home, ...funds, ...own });
        quality.push(...home.quality);
      }
    }
  }
  if (!isComplete) return null;
  if (homes.length > 0) return { homes, quality };
  return complain(reading, ["homes"], {
    code: "NO_HOMES",
    what: "there is no home",
    mend: "widen each, or add a home",
  });
}

/** The numbers of `each`; `null` stands for the one home of an entry without. */
function numbersOf({ each }: HomeEntry): readonly (number | null)[] {
  if (each === undefined) return [null];
  const { from, to, except = [] } = each;
  const numbers = Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
  return numbers.filter((number) => !except.includes(number));
}

function readHome(
  reading: ScenarioReading,
  path: YamlPath,
  entry: HomeEntry,
  number: number | null,
  horizon: Horizon,
  taken: Set<string>,
): { readonly home: Home; readonly quality: readonly SeriesQuality[] } | null {
  const fill = (text: string): string => (number === null ? text : text.replaceAll("{n}", String(number)));
  const id = identifierAt(reading, [...path, "id"], fill(entry.id));
  if (id === null) return null;
  if (taken.has(id)) {
    const mend = number === null ? "give it another name" : "give it another name, with {n} in it";
    return complain(reading, [...path, "id"], { code: "HOME_TWICE", what: `the name "${id}" is taken`, mend });
  }
  taken.add(id);
  if (entry.load === undefined && entry.pv === undefined) {
    const what = `home "${id}" has neither load nor pv`;
    return complain(reading, path, { code: "HOME_EMPTY", what, mend: "add load: {file: …, column: …, unit: kWh}" });
  }
  const quality: SeriesQuality[] = [];
  const energies = (flow: Flow): readonly WattHours[] | null => {
    const text = entry[flow];
    if (text === undefined) return new Array<WattHours>(horizon.slotCount).fill(wattHours(0));
    const series = readEnergySeries(reading, [...path, flow], text, { home: id, flow, fill }, horizon);
    if (series !== null) quality.push(series.quality);
    return series?.energies ?? null;
  };
  const [load, pv] = [energies("load"), energies("pv")];
  return load === null || pv === null ? null : { home: { id: partyId(id), load, pv }, quality };
}

function makeHomes(
  reading: ScenarioReading,
  text: GenerateText,
  horizon: Horizon,
  seed: number,
): readonly Home[] | null {
  const path = ["homes", "generate"];
  const { slotCount } = horizon;
  const [start, slotLength] = [instantMs(horizon.startMs), durationMs(horizon.slotMs)];
  if (!isMultiple(slotLength, MINUTE)) {
    const what = `slots of ${reading.file.slot} are no whole minutes`;
    return complain(reading, path, { code: "SLOT_UNFIT", what, mend: "made-up homes need slots of whole minutes" });
  }
  const pvShare = text.pvShare === undefined ? undefined : readShare(reading, [...path, "pvShare"], text.pvShare);
  const nameplate =
    text.nameplate === undefined ? undefined : readNameplates(reading, [...path, "nameplate"], text.nameplate);
  if (pvShare === null || nameplate === null) return null;
  return generateHomes({
    ...{ count: text.count, seed, start, slotLength, slotCount },
    ...(pvShare !== undefined && { pvShare: partsPerMillion(pvShare) }),
    ...(nameplate !== undefined && { nameplate }),
    utcOffsetMinutes: standardOffsetMinutes(horizon),
  });
}

/** Made-up homes know no summer time: the smaller offset of half a year apart. */
function standardOffsetMinutes({ startMs, clock }: Horizon): number {
  return Math.round(Math.min(clock.offsetAt(startMs), clock.offsetAt(startMs + HALF_YEAR_MS)) / 60_000);
}

/** A share in parts per million. */
function readShare(reading: ScenarioReading, path: YamlPath, text: string): number | null {
  const share = readScaled(text.replace(/\s*%$/, ""), 4);
  if (!share.ok) return complain(reading, path, share.error);
  if (share.value <= 1_000_000n) return Number(share.value);
  return complain(reading, path, {
    code: "SHARE_OUT_OF_RANGE",
    what: `a share of ${text}`,
    mend: "write 0 % to 100 %",
  });
}

function readNameplates(
  reading: ScenarioReading,
  path: YamlPath,
  text: NonNullable<GenerateText["nameplate"]>,
): { readonly least: Watts; readonly most: Watts } | null {
  const [least, most] = [
    readWatts(reading, [...path, "from"], text.from),
    readWatts(reading, [...path, "to"], text.to),
  ];
  if (least === null || most === null) return null;
  if (least > 0 && least <= most) return { least: watts(least), most: watts(most) };
  const what = `rated powers from ${text.from} to ${text.to}`;
  return complain(reading, path, {
    code: "NAMEPLATE_RANGE",
    what,
    mend: "write the smaller one first; both are positive",
  });
}

function readWatts(reading: ScenarioReading, path: YamlPath, text: string): number | null {
  const power = readQuantity(text);
  if (!power.ok) return complain(reading, path, power.error);
  if (power.value.value % 1_000_000n === 0n) return Number(power.value.value / 1_000_000n);
  return complain(reading, path, {
    code: "NUMBER_TOO_PRECISE",
    what: `${text} is no whole number of watts`,
    mend: "round it",
  });
}
