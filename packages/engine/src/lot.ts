/**
 * A lot: the tenders of one batch for one slot. They stay the columns that they came as, because a batch of a hundred must
 * not cost what a hundred tenders cost, and become tenders when somebody asks for one.
 *
 * Invariants: a tender of a lot is what the same tender alone would be; the number in its id is its place in the whole
 * batch. Of a tender that was taken back the steps stay, without price and energy.
 */
import {
  assert,
  minus,
  tenderId,
  wattHours,
  type HashHex,
  type PartyId,
  type PriceMicro,
  type TenderId,
  type WattHours,
} from "@micromarket/kernel";
import type { Did } from "@micromarket/identity";
import type { Tender } from "@micromarket/market";

/** Tenders as columns, in their order. */
export interface TenderColumns {
  /** One for each step; `null`: at any price. */
  readonly prices: readonly (PriceMicro | null)[];
  /** Of the same steps: positive is bought, negative sold. The first step of a tender says which of them the tender does. */
  readonly energies: readonly WattHours[];
  /** How many steps each tender has; absent: one each. */
  readonly steps?: readonly number[] | undefined;
}

/** Who placed a tender, and by which envelope. */
export interface Placement {
  /** Its id; of a message of a session, the hash by which it stands under its slot's root. */
  readonly envelope: HashHex;
  readonly signer: Did;
}

/** Whose a lot is, and which ids its tenders have. */
export interface LotHead {
  readonly batch: TenderId;
  readonly party: PartyId;
  /** The number of its first tender; the others follow. */
  readonly first: number;
}

/** A lot for reading. */
export type LotView = Pick<
  Lot,
  keyof LotHead | "prices" | "energies" | "steps" | "count" | "standing" | "placement" | "has" | "tender" | "tenders"
>;

const NONE = wattHours(0);

/** The id of the tender with this number in the batch. */
export function idInBatch(batch: TenderId, number: number): TenderId {
  return tenderId(`${batch}.${number}`);
}

/** The batch and the number that `id` is made of, if it is one of a batch. */
export function splitId(id: TenderId): { readonly batch: string; readonly number: number } | null {
  const dot = id.lastIndexOf(".");
  if (dot <= 0) return null;
  const digits = id.slice(dot + 1);
  return /^(?:0|[1-9]\d{0,2})$/.test(digits) ? { batch: id.slice(0, dot), number: Number(digits) } : null;
}

/** How many tenders the columns hold. */
export function tendersIn({ energies, steps }: TenderColumns): number {
  return steps?.length ?? energies.length;
}

/** Whether the columns do not fit each other. */
export function areRagged({ prices, energies, steps }: TenderColumns): boolean {
  if (prices.length !== energies.length) return true;
  if (steps === undefined) return false;
  let total = 0;
  for (const count of steps) {
    if (!Number.isSafeInteger(count) || count < 0) return true;
    total += count;
  }
  return total !== energies.length;
}

/** The tenders of columns that fit each other, as if each had come alone. */
export function* tendersOf(columns: TenderColumns, { batch, party, first }: LotHead): Generator<Tender> {
  let start = 0;
  for (let place = 0; place < tendersIn(columns); place++) {
    const end = start + (columns.steps?.[place] ?? 1);
    yield tenderOfSteps(columns, start, end, idInBatch(batch, first + place), party);
    start = end;
  }
}

function tenderOfSteps(
  { prices, energies }: TenderColumns,
  start: number,
  end: number,
  id: TenderId,
  party: PartyId,
): Tender {
  const side = (energies[start] ?? 0) < 0 ? "sell" : "buy";
  const steps: Tender["steps"][number][] = [];
  for (let at = start; at < end; at++) {
    const energy = energies[at] ?? NONE;
    steps.push({ price: prices[at] ?? null, energy: side === "buy" ? energy : minus(NONE, energy) });
  }
  return { id, party, side, steps };
}

/** The tenders of a batch for a slot, those of them that stand. */
export class Lot implements LotHead {
  readonly batch: TenderId;
  readonly party: PartyId;
  readonly first: number;
  /** Of all its tenders; `null` where they came without an envelope. */
  placement: Placement | null = null;
  readonly #prices: (PriceMicro | null)[];
  readonly #energies: WattHours[];
  readonly #steps: readonly number[] | undefined;
  /** The first step of each tender, and the end of the last one; `null` where each has one. */
  readonly #starts: readonly number[] | null;
  #standing = 0;

  /** Copies the columns, which must fit each other; tenders without energy are those that were taken back. */
  constructor({ batch, party, first }: LotHead, columns: TenderColumns) {
    this.batch = batch;
    this.party = party;
    this.first = first;
    this.#prices = columns.prices.slice();
    this.#energies = columns.energies.slice();
    this.#steps = columns.steps;
    this.#starts = columns.steps === undefined ? null : startsOf(columns.steps);
    for (let place = 0; place < this.count; place++) if (this.#stands(place)) this.#standing += 1;
  }

  /** Its columns. */
  get prices(): readonly (PriceMicro | null)[] {
    return this.#prices;
  }
  get energies(): readonly WattHours[] {
    return this.#energies;
  }
  get steps(): readonly number[] | undefined {
    return this.#steps;
  }

  /** How many tenders it came with. */
  get count(): number {
    return this.#steps?.length ?? this.#energies.length;
  }

  /** How many of them stand. */
  get standing(): number {
    return this.#standing;
  }

  /** Whether the tender with this number of the batch is one of the lot and stands. */
  has(number: number): boolean {
    return this.#stands(number - this.first);
  }

  /** The tender with this number; it must stand. */
  tender(number: number): Tender {
    const place = number - this.first;
    assert(this.#stands(place), "the tender stands in the lot");
    return tenderOfSteps(this, this.#start(place), this.#start(place + 1), idInBatch(this.batch, number), this.party);
  }

  /** Those that stand, in order of their numbers. */
  *tenders(): Generator<Tender> {
    for (let place = 0; place < this.count; place++) if (this.#stands(place)) yield this.tender(this.first + place);
  }

  /** Takes the tender with this number out; it must stand. */
  takeBack(number: number): void {
    const place = number - this.first;
    assert(this.#stands(place), "the tender stands in the lot");
    for (let at = this.#start(place); at < this.#start(place + 1); at++) {
      this.#prices[at] = null;
      this.#energies[at] = NONE;
    }
    this.#standing -= 1;
  }

  #start(place: number): number {
    return this.#starts === null ? place : (this.#starts[place] ?? 0);
  }

  #stands(place: number): boolean {
    return place >= 0 && place < this.count && this.#energies[this.#start(place)] !== NONE;
  }
}

function startsOf(steps: readonly number[]): readonly number[] {
  const starts = [0];
  for (const count of steps) starts.push((starts.at(-1) ?? 0) + count);
  return starts;
}
