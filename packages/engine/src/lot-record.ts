/** Tenders in columns as canonical values, and back: they stand in commands and, as lots, in snapshots. */
import {
  decodeChecked,
  decodeInteger,
  decodeList,
  decodeObject,
  malformed,
  ok,
  priceMicro,
  wattHours,
  type CanonicalValue,
  type Decoder,
  type PriceMicro,
  type WattHours,
} from "@micromarket/kernel";
import { decodeDid } from "@micromarket/identity";
import type { Tender } from "@micromarket/market";
import type { TenderLot } from "./command.ts";
import { decodeHash, decodeInstant, decodePartyId, decodeTenderId } from "./decode-quantities.ts";
import { BATCH_NAME_LENGTH_MAX, BATCH_STEPS_MAX } from "./limits.ts";
import { areRagged, Lot, type LotView, type TenderColumns } from "./lot.ts";
import { decodeTender, tenderRecord } from "./tender-record.ts";
import type { View } from "./state.ts";

/** Columns are long: each value is looked at without a path made for it, unless it is at fault. */
function decodeColumn<Value>(expected: string, make: (value: unknown) => Value | undefined): Decoder<readonly Value[]> {
  return (value, path) => {
    if (!Array.isArray(value)) return malformed(path, "a list", value);
    const column: Value[] = [];
    for (let at = 0; at < value.length; at++) {
      const made = make(value[at]);
      if (made === undefined) return malformed(`${path}[${at}]`, expected, value[at]);
      column.push(made);
    }
    return ok(column);
  };
}

const COLUMNS = {
  prices: decodeColumn<PriceMicro | null>("a safe integer or null", (value) =>
    value === null ? null : Number.isSafeInteger(value) ? priceMicro(Number(value)) : undefined,
  ),
  energies: decodeColumn<WattHours>("a safe integer", (value) =>
    Number.isSafeInteger(value) ? wattHours(Number(value)) : undefined,
  ),
};
const STEPS = { steps: decodeList(decodeInteger) };

/** The columns; where each tender has one step, that is not said. */
function columnsRecord({ prices, energies, steps }: TenderColumns): Record<string, CanonicalValue> {
  const isPlain = steps === undefined || steps.every((count) => count === 1);
  return isPlain ? { energies, prices } : { energies, prices, steps };
}

/** The tenders of a batch for one slot. */
export function tenderLotRecord(lot: TenderLot): CanonicalValue {
  const { energies = [], prices = [], ...steps } = columnsRecord(lot);
  return { energies, prices, slot: lot.slot, ...steps };
}

/** Restores them. Whether the columns fit each other is not this decoder's business. */
export const decodeTenderLot: Decoder<TenderLot> = decodeObject({ ...COLUMNS, slot: decodeInstant }, STEPS);

/** What stands in a book, in order of arrival. */
export function arrivalRecord(arrival: View<Tender> | LotView): CanonicalValue {
  if (!("batch" in arrival)) return tenderRecord(arrival);
  const { batch, party, first, placement } = arrival;
  const placed = placement === null ? {} : { placed: { envelope: placement.envelope, signer: placement.signer } };
  return { batch, party, first, ...columnsRecord(arrival), ...placed };
}

const decodeLot: Decoder<Lot> = (value, path) => {
  const record = decodeSoundLot(value, path);
  if (!record.ok) return record;
  const { placed = null, ...fields } = record.value;
  const lot = new Lot(fields, fields);
  lot.placement = placed;
  return lot.standing > 0 ? ok(lot) : malformed(path, "a lot of which something stands", value);
};

const decodeSoundLot = decodeChecked(
  decodeObject(
    { batch: decodeTenderId, party: decodePartyId, first: decodeInteger, ...COLUMNS },
    { ...STEPS, placed: decodeObject({ envelope: decodeHash, signer: decodeDid }) },
  ),
  ({ batch, first, ...columns }) => {
    const fits = batch.length <= BATCH_NAME_LENGTH_MAX && first >= 0 && !areRagged(columns);
    return fits && first + (columns.steps ?? columns.energies).length <= BATCH_STEPS_MAX && hasWholeGaps(columns);
  },
  "a lot whose columns fit each other",
);

/** Whether tenders that were taken back have left nothing but their place. */
function hasWholeGaps({ prices, energies, steps }: TenderColumns): boolean {
  const gaps = new Set(energies.flatMap((energy, at) => (energy === 0 ? [at] : [])));
  if ([...gaps].some((at) => prices[at] !== null)) return false;
  let start = 0;
  return (steps ?? []).every((count) => {
    const own = Array.from({ length: count }, (_, at) => gaps.has(start + at));
    start += count;
    return count > 0 && own.every((isGap) => isGap === own[0]);
  });
}

/** Restores a tender or a lot. What the auction will not take is not this decoder's business. */
export const decodeArrival: Decoder<Tender | Lot> = (value, path) => {
  const isLot = typeof value === "object" && value !== null && Object.hasOwn(value, "batch");
  return isLot ? decodeLot(value, path) : decodeTender(value, path);
};
