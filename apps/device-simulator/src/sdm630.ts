/**
 * The input registers of an Eastron SDM630: float32, high word first, two registers each. Power and counters have the
 * load convention: positive and import flow into what stands behind the meter, so a PV plant shows negative power. All of
 * it flows on the first phase.
 *
 * From the first voltage to the counters every register can be read, those that nobody needs as 0, so that one request
 * brings them all. Source: Eastron SDM630 Modbus protocol; the subset that a market needs.
 */
import type { Displayed } from "./display.ts";

const WH_PER_KWH = 1_000;

const LAST_POINT = 0x004a;

type Point = (shown: Displayed) => number;

const POINTS: ReadonlyMap<number, Point> = new Map<number, Point>([
  [0x0000, ({ voltageV }) => voltageV],
  [0x0002, ({ voltageV }) => voltageV],
  [0x0004, ({ voltageV }) => voltageV],
  [0x0006, ({ powerW, voltageV }) => (powerW === 0 ? 0 : Math.abs(powerW) / voltageV)],
  [0x000c, ({ powerW }) => powerW],
  [0x0012, ({ powerW }) => Math.abs(powerW)], // apparent, first phase
  [0x001e, ({ powerW }) => (powerW === 0 ? 0 : 1)], // power factor, first phase
  [0x0034, ({ powerW }) => powerW],
  [0x0038, ({ powerW }) => Math.abs(powerW)], // apparent
  [0x003e, ({ powerW }) => (powerW === 0 ? 0 : 1)], // power factor
  [0x0046, ({ frequencyHz }) => frequencyHz],
  [0x0048, ({ importedWh }) => importedWh / WH_PER_KWH],
  [LAST_POINT, ({ exportedWh }) => exportedWh / WH_PER_KWH],
]);

/** The words of `count` registers from `address` on, or `null` where one of them does not exist. */
export function sdm630Words(shown: Displayed, address: number, count: number): readonly number[] | null {
  const words: number[] = [];
  for (let register = address; register < address + count; register++) {
    const low = register % 2;
    if (register - low > LAST_POINT) return null;
    words.push(wordsOf(POINTS.get(register - low)?.(shown) ?? 0)[low] ?? 0);
  }
  return words;
}

function wordsOf(value: number): readonly [number, number] {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatBE(value);
  return [bytes.readUInt16BE(0), bytes.readUInt16BE(2)];
}
