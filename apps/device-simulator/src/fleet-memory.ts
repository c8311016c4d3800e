/** How the devices under control stand, as canonical text, and back: it outlives the simulator's process. */
import {
  canonicalText,
  decodeChecked,
  decodeInteger,
  decodeList,
  decodeObject,
  decodePair,
  decodeCanonical,
  decodeText,
  ok,
  type CanonicalValue,
  type DecodeFailure,
  type Result,
} from "@micromarket/kernel";
import type { FleetMemory, HomeMemory } from "./fleet.ts";

const FORMAT = 1;
const decodeFlow = decodeObject({ inWms: decodeInteger, outWms: decodeInteger });
const decodeNumbers = decodeList(decodePair(decodeText, decodeInteger));
const decodeMember = decodeObject({ counter: decodeFlow, state: decodeNumbers });
const decodeHome = decodeObject({
  at: decodeInteger,
  extremes: decodeList(decodeInteger),
  load: decodeFlow,
  grid: decodeFlow,
  members: decodeList(decodePair(decodeText, decodeMember)),
  settings: decodeList(decodePair(decodeText, decodeList(decodeNumbers))),
});
const decodeFleet = decodeObject({
  format: decodeChecked(decodeInteger, (format) => format === FORMAT, `format ${FORMAT}`),
  homes: decodeList(decodePair(decodeText, decodeHome)),
});

type Numbers = readonly (readonly [string, number])[];
type HomeRecord = CanonicalValue;

/** The text that `readFleetMemory` reads. */
export function fleetMemoryText(memory: FleetMemory): string {
  const homes = [...memory].map(([home, of]): [string, HomeRecord] => [home, homeRecord(of)]);
  return canonicalText({ format: FORMAT, homes });
}

/** Reads what `fleetMemoryText` wrote. */
export function readFleetMemory(text: string): Result<FleetMemory, DecodeFailure> {
  const read = decodeCanonical(text, decodeFleet, ({ homes }) => fleetMemoryText(memoryOf(homes)));
  return read.ok ? ok(memoryOf(read.value.homes)) : read;
}

type DecodedHome = Extract<ReturnType<typeof decodeHome>, { ok: true }>["value"];

function memoryOf(homes: readonly (readonly [string, DecodedHome])[]): FleetMemory {
  return new Map(
    homes.map(([home, { settings, members, ...plant }]) => [
      home,
      {
        plant: {
          ...plant,
          members: new Map(
            members.map(([name, { counter, state }]) => [name, { counter, state: Object.fromEntries(state) }]),
          ),
        },
        settings: new Map(settings.map(([device, all]) => [device, all.map((kept) => Object.fromEntries(kept))])),
      },
    ]),
  );
}

function homeRecord({ plant: { at, extremes, load, grid, members }, settings }: HomeMemory): HomeRecord {
  const flow = ({ inWms, outWms }: typeof load) => ({ inWms, outWms });
  return {
    ...{ at, extremes, load: flow(load), grid: flow(grid) },
    members: [...members].map(([name, { counter, state }]) => [
      name,
      { counter: flow(counter), state: numbersOf(state) },
    ]),
    settings: [...settings].map(([device, all]) => [device, all.map(numbersOf)]),
  };
}

function numbersOf(values: Readonly<Record<string, number>>): Numbers {
  return Object.entries(values);
}
