/**
 * Grants: a party lets a key act for it, within limits and for a time. A grant may be made from another one and never
 * allows more; whoever revokes a grant revokes what was made from it. What is used of a grant counts against those it
 * was made from, too.
 */
import {
  amountNano,
  fail,
  greatest,
  least,
  ok,
  plus,
  plusAmount,
  slotAt,
  DAY,
  wattHours,
  type AmountNano,
  type InstantMs,
  type PartyId,
  type PriceMicro,
  type Result,
  type WattHours,
} from "@micromarket/kernel";
import type { Did } from "./public-key.ts";

/** How much a grant allows; `null`: no limit. */
export interface GrantLimits {
  readonly energyPerSlot: WattHours | null;
  readonly priceMax: PriceMicro | null;
  /** Spent in one day of UTC. */
  readonly spendPerDay: AmountNano | null;
}

/** Who may do what for whom, until when. */
export interface Grant extends GrantLimits {
  readonly id: string;
  /** For whom is acted. */
  readonly party: PartyId;
  /** Whose key may act. */
  readonly grantee: Did;
  /** The grant it was made from; `null`: the party made it. */
  readonly parent: string | null;
  /** Types of envelopes that the grantee may sign. */
  readonly types: readonly string[];
  readonly from: InstantMs;
  readonly expires: InstantMs;
}

/** A grant and what was used of it. */
export interface GrantRecord {
  readonly grant: Grant;
  revokedAt: InstantMs | null;
  /** Energy by slot, money by day. */
  readonly energy: Map<InstantMs, WattHours>;
  readonly spent: Map<InstantMs, AmountNano>;
}

/** All grants. */
export type Grants = Map<string, GrantRecord>;

/** What a grant is used for. */
export interface GrantUse {
  readonly type: string;
  readonly slot: InstantMs;
  readonly energy: WattHours;
  readonly price: PriceMicro | null;
  readonly spend: AmountNano;
}

/** Why a grant is not made, in the order in which it is checked. */
export type GrantRefusal =
  | { readonly code: "GRANT_EXISTS" | "GRANT_PARENT_UNKNOWN" | "GRANT_NOT_PARENTS_TO_MAKE"; readonly grant: string }
  | { readonly code: "GRANT_TIMELESS"; readonly grant: string }
  | {
      readonly code: "GRANT_WIDENS";
      readonly grant: string;
      readonly what: keyof GrantLimits | "party" | "types" | "from" | "expires";
    };

/** Why a grant does not cover a use, in the order in which it is checked; `grant` is the one that does not. */
export interface GrantUseRefusal {
  readonly code:
    | "GRANT_UNKNOWN"
    | "GRANT_NOT_THE_SIGNERS"
    | "GRANT_OF_OTHER_PARTY"
    | "GRANT_REVOKED"
    | "GRANT_NOT_YET"
    | "GRANT_EXPIRED"
    | "GRANT_TYPE"
    | "GRANT_PRICE"
    | "GRANT_ENERGY"
    | "GRANT_SPEND";
  readonly grant: string;
}

/** Makes a grant; `maker` is the key that makes it, `null` the party itself. */
export function makeGrant(grants: Grants, grant: Grant, maker: Did | null): Result<Grant, GrantRefusal> {
  const { id, parent, from, expires } = grant;
  if (grants.has(id)) return fail({ code: "GRANT_EXISTS", grant: id });
  const above = parent === null ? null : grants.get(parent)?.grant;
  if (above === undefined) return fail({ code: "GRANT_PARENT_UNKNOWN", grant: id });
  if ((above?.grantee ?? null) !== maker) return fail({ code: "GRANT_NOT_PARENTS_TO_MAKE", grant: id });
  if (expires <= from) return fail({ code: "GRANT_TIMELESS", grant: id });
  const what = above === null ? null : widened(grant, above);
  if (what !== null) return fail({ code: "GRANT_WIDENS", grant: id, what });
  grants.set(id, { grant, revokedAt: null, energy: new Map(), spent: new Map() });
  return ok(grant);
}

/** Revokes a grant from `at` on, and so all that was made from it; an earlier revocation stands. */
export function revokeGrant(grants: Grants, id: string, at: InstantMs): Result<Grant, GrantUseRefusal> {
  const record = grants.get(id);
  if (record === undefined) return fail({ code: "GRANT_UNKNOWN", grant: id });
  if (record.revokedAt === null || at < record.revokedAt) record.revokedAt = at;
  return ok(record.grant);
}

/** Whether the key may do this for the party by its grant at `at`. Nothing is counted yet: see `countGrantUse`. */
export function checkGrant(
  grants: Grants,
  id: string,
  who: { readonly signer: Did; readonly party: PartyId },
  use: GrantUse,
  at: InstantMs,
): Result<null, GrantUseRefusal> {
  const own = grants.get(id);
  if (own === undefined) return fail({ code: "GRANT_UNKNOWN", grant: id });
  if (own.grant.grantee !== who.signer) return fail({ code: "GRANT_NOT_THE_SIGNERS", grant: id });
  if (own.grant.party !== who.party) return fail({ code: "GRANT_OF_OTHER_PARTY", grant: id });
  for (const record of lineOf(grants, id)) {
    const code = uncovered(record, use, at);
    if (code !== null) return fail({ code, grant: record.grant.id });
  }
  return ok(null);
}

/**
 * Counts the use, of a slot that has not begun at `at`, against the grant and those it was made from. What was counted
 * for slots that have begun and for days that are over is forgotten.
 */
export function countGrantUse(grants: Grants, id: string, { slot, energy, spend }: GrantUse, at: InstantMs): void {
  const today = slotAt(at, DAY).startMs;
  for (const record of lineOf(grants, id)) {
    for (const past of record.energy.keys()) if (past <= at) record.energy.delete(past);
    for (const past of record.spent.keys()) if (past < today) record.spent.delete(past);
    record.energy.set(slot, plus(record.energy.get(slot) ?? wattHours(0), energy));
    const day = slotAt(slot, DAY).startMs;
    record.spent.set(day, plusAmount(record.spent.get(day) ?? amountNano(0n), spend));
  }
}

function uncovered({ grant, revokedAt, energy, spent }: GrantRecord, use: GrantUse, at: InstantMs) {
  if (revokedAt !== null && at >= revokedAt) return "GRANT_REVOKED";
  if (at < grant.from) return "GRANT_NOT_YET";
  if (at >= grant.expires) return "GRANT_EXPIRED";
  if (!grant.types.includes(use.type)) return "GRANT_TYPE";
  if (grant.priceMax !== null && (use.price === null || use.price > grant.priceMax)) return "GRANT_PRICE";
  const total = plus(energy.get(use.slot) ?? wattHours(0), use.energy);
  if (grant.energyPerSlot !== null && total > grant.energyPerSlot) return "GRANT_ENERGY";
  const money = plusAmount(spent.get(slotAt(use.slot, DAY).startMs) ?? amountNano(0n), use.spend);
  return grant.spendPerDay !== null && money > grant.spendPerDay ? "GRANT_SPEND" : null;
}

/** The grant and those it was made from. */
function lineOf(grants: Grants, id: string): readonly GrantRecord[] {
  const line: GrantRecord[] = [];
  let record = grants.get(id);
  while (record !== undefined) {
    line.push(record);
    record = record.grant.parent === null ? undefined : grants.get(record.grant.parent);
  }
  return line;
}

function widened(grant: Grant, above: Grant): Extract<GrantRefusal, { code: "GRANT_WIDENS" }>["what"] | null {
  if (grant.party !== above.party) return "party";
  if (grant.types.some((type) => !above.types.includes(type))) return "types";
  if (least(grant.from, above.from) !== above.from) return "from";
  if (greatest(grant.expires, above.expires) !== above.expires) return "expires";
  const exceeds = <Limit extends number | bigint>(limit: Limit | null, most: Limit | null): boolean =>
    most !== null && (limit === null || limit > most);
  if (exceeds(grant.energyPerSlot, above.energyPerSlot)) return "energyPerSlot";
  if (exceeds(grant.priceMax, above.priceMax)) return "priceMax";
  return exceeds(grant.spendPerDay, above.spendPerDay) ? "spendPerDay" : null;
}
