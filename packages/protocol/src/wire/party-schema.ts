/** Parties, positions and statements on the wire. */
import { Type, type Static } from "@sinclair/typebox";
import { Phase } from "./slot-schema.ts";
import { Amount, closedObject, Count, Instant, Integer, Name, nullable, oneOf } from "./units.ts";

const partyFields = {
  party: Name,
  role: oneOf("member", "residual"),
  /** What its account holds now; negative is owed. */
  balance_nano: Amount,
};

/** All parties, in order of id. */
export const PartyList = closedObject({ parties: Type.Array(closedObject(partyFields)) });
export type PartyList = Static<typeof PartyList>;

const PositionSlot = closedObject({
  start: Instant,
  start_ms: Integer,
  phase: Phase,
  price_micro_per_kwh: nullable(Integer),
  bought_wh: Count,
  sold_wh: Count,
  /** Bought less sold. */
  net_wh: Integer,
  /** Received (paid where negative) for trades. */
  amount_nano: Amount,
  /** What the meter counted, or is assumed to have counted; `null` until it is reported, which is not 0. */
  metered: nullable(
    closedObject({
      imported_wh: Count,
      exported_wh: Count,
      deviation_wh: Integer,
      is_estimate: Type.Boolean(),
      /** Of a party without a meter: these are no readings, but what its registration says. */
      basis: Type.Optional(oneOf("scheduled", "financial")),
    }),
  ),
});

/** A party's position, slot by slot, newest first. */
export const PartyPosition = closedObject({
  ...partyFields,
  slots: Type.Array(PositionSlot),
  /** Ask again with `to` set to this; `null`: there are no older ones. */
  next: nullable(Instant),
});
export type PartyPosition = Static<typeof PartyPosition>;

/** A line of a statement: what was received or paid, and for what. */
export const StatementLine = closedObject({
  /** trade, deviation, credit; a market of a tree adds fee, rent and loss, and later markets may add more. */
  kind: Name,
  /** When it was posted. */
  at: Instant,
  at_ms: Integer,
  /** The delivery slot; `null` for a credit. */
  slot: nullable(Instant),
  side: nullable(oneOf("buy", "sell")),
  counterparty: nullable(Name),
  /** A trade's own tender, and the one on the other side. */
  tender: nullable(Name),
  counter_tender: nullable(Name),
  /** A deviation's meter reading, and whose meter it was. */
  reading: nullable(closedObject({ party: Name, imported_wh: Count, exported_wh: Count })),
  /** A credit's payment. */
  reference: nullable(Name),
  energy_wh: nullable(Count),
  price_micro_per_kwh: nullable(Integer),
  /** Received; paid where negative. */
  amount_nano: Amount,
});
export type StatementLine = Static<typeof StatementLine>;

/** What a party received and paid, oldest slot first. The lines of a page sum to its total to the last unit. */
export const PartyStatement = closedObject({
  ...partyFields,
  currency: Name,
  lines: Type.Array(StatementLine),
  /** Of those three kinds, and of all lines. */
  totals: closedObject({ trade_nano: Amount, deviation_nano: Amount, credit_nano: Amount, total_nano: Amount }),
  /** Whether nothing of the range is missing: older slots may no longer be kept. */
  complete: Type.Boolean(),
  /** Ask again with `from` set to this; `null`: there are no later ones. */
  next: nullable(Instant),
});
export type PartyStatement = Static<typeof PartyStatement>;
