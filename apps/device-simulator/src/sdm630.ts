/**
 * The input registers of an Eastron SDM630: float32, high word first, two registers each. Power and counters have the
 * load convention: positive and import flow into what stands behind the meter, so a PV plant shows negative power.
 *
 * The three phases carry the same. Between total power and the counters every register can be read, those without a
 * meaning as 0, so that one request brings them all. Source: Eastron SDM630 Modbus protocol; the subset that a market needs.
 */
import type { Displayed } from "./display.ts";

const WH_PER_KWH = 1_000;
const PHASES = 3;

const POINTS: ReadonlyMap<number, (shown: Displayed) => number> = new Map([
  ...[0x0000, 0x0002, 0x0004].map((address) => [address, (shown: Displayed) => shown.voltageV] as const),
  ...[0x0006, 0x0008, 0x000a].map((address) => [address, phaseCurrentA] as const),
  ...[0x000c, 0x000e, 0x0010].map((address) => [address, (shown: Displayed) => shown.powerW / PHASES] as const),
  [0x0034, (shown: Displayed) => shown.powerW],
  [0x0036, () => 0],
  [0x0038, (shown: Displayed) => Math.abs(shown.powerW)], // apparent
  [0x003a, () => 0],
  [0x003c, () => 0], // reactive
  [0x003e, (shown: Displayed) => (shown.powerW === 0 ? 0 : 1)], // power factor
  [0x0040, () => 0],
  [0x0042, () => 0], // phase angle
  [0x0044, () => 0],
  [0x0046, (shown: Displayed) => shown.frequencyHz],
  [0x0048, (shown: Displayed) => shown.importedWh / WH_PER_KWH],
  [0x004a, (shown: Displayed) => shown.exportedWh / WH_PER_KWH],
]);

/** The words of `count` registers from `address` on, or `null` where one of them does not exist. */
export function sdm630Words(shown: Displayed, address: number, count: number): readonly number[] | null {
  const words: number[] = [];
  for (let register = address; register < address + count; register++) {
    const low = register % 2;
    const point = POINTS.get(register - low);
    if (point === undefined) return null;
    words.push(wordsOf(point(shown))[low] ?? 0);
  }
  return words;
}

function phaseCurrentA({ powerW, voltageV }: Displayed): number {
  return Math.abs(powerW) / PHASES / voltageV;
}

function wordsOf(value: number): readonly [number, number] {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatBE(value);
  return [bytes.readUInt16BE(0), bytes.readUInt16BE(2)];
}
