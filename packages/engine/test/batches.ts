/** Batches of Anne's to test with. */
import { priceMicro, tenderId, wattHours, type InstantMs } from "@micromarket/kernel";
import type { SubmitTenders, TenderLot } from "@micromarket/engine";
import { ANNE } from "./street.ts";

/** A tender of one step: sold where the energy is negative. */
export type Row = readonly [price: number | null, energy: number];

/** One tender for each row. */
export function lot(at: InstantMs, ...rows: readonly Row[]): TenderLot {
  return {
    slot: at,
    prices: rows.map(([price]) => (price === null ? null : priceMicro(price))),
    energies: rows.map(([, energy]) => wattHours(energy)),
  };
}

export function batch(name: string, ...lots: readonly TenderLot[]): SubmitTenders {
  return { type: "SubmitTenders", party: ANNE, batch: tenderId(name), lots };
}

/** Nothing is wrong with it. */
export const good: Row = [300_000, 5];
