/**
 * One row for every type of command: how one is drawn for the present state of a market that has a market above it and
 * markets below, how often, and what becomes of it when its sender, who has not heard the answer, sends it again.
 */
import {
  amountNano,
  HOUR,
  instantMs,
  MINUTE,
  partsPerMillion,
  partyId,
  priceMicro,
  slotAfter,
  slotAt,
  times,
  wattHours,
  type InstantMs,
  type PartyId,
  type RandomStream,
} from "@micromarket/kernel";
import type { Command, MarketRules, StateView } from "@micromarket/engine";
import type { Tie } from "@micromarket/grid";
import { curveOfDrops, levelsAt } from "@micromarket/market";
import {
  drawEnrolment,
  drawEnvelope,
  drawGrant,
  drawGrantRevocation,
  drawRevocation,
  drawRotation,
  drawStanding,
  OPERATOR_KEY,
} from "./identity-rows.ts";
import {
  cancelTender,
  closeGate,
  creditAccount,
  marketRules,
  registerParty,
  reportDelivery,
  setTariff,
  submitTender,
  submitTenders,
  tender,
} from "./market-builders.ts";
import { pick } from "./random-book.ts";
import { drawEnd, drawMessage, drawOpening, drawSlotRoot } from "./session-rows.ts";

/** What a command is drawn from. */
export interface Draw {
  readonly state: StateView;
  readonly now: InstantMs;
  readonly stream: RandomStream;
  /** A number that was not drawn before, for names. */
  readonly fresh: () => number;
}

/** How commands of one type are drawn. */
export interface CommandRow<Type extends Command["type"]> {
  /** How often, relative to the others. */
  readonly weight: number;
  /** What a second copy meets at the node: a refusal, or acceptance that leaves the state as it is. */
  readonly sentAgain: "refused" | "accepted";
  /** A command, mostly one that is accepted; `null` while there is nothing to say. */
  draw(from: Draw): (Command & { readonly type: Type }) | null;
}

type Drawn<Type extends Command["type"]> = (Command & { readonly type: Type }) | null;

const HOMES = ["home-1", "home-2", "home-3", "haus-ä", "家-5"];
const MARKETS_BELOW = ["row-a", "row-b"];
/** Has no meter. */
const TRADER = "trader";
const TRADING = [...HOMES, TRADER];
const CENT = 10_000;

/**
 * A street below a market, with markets below itself, in which money is lent and trades are settled by meter: the rules
 * under which every command can be accepted.
 */
export function nestedMarketRules(): MarketRules {
  return marketRules({
    operator: OPERATOR_KEY,
    sessions: { graceSlots: 1, perParty: 3 },
    node: { above: "market", positionSteps: 8, membersMin: 2 },
    settlement: {
      funding: { kind: "credit-line", collateral: partsPerMillion(200_000) },
      bond: partsPerMillion(50_000),
      imbalance: { kind: "dual" },
      levies: [{ name: "grid", price: priceMicro(2 * CENT) }],
      readingsDue: times(MINUTE, 5),
      trueUp: times(HOUR, 2),
    },
  });
}

/** Every command that a node obeys. */
export const COMMAND_TABLE: { readonly [Type in Command["type"]]: CommandRow<Type> } = {
  RegisterParty: {
    weight: 3,
    sentAgain: "refused",
    draw: drawRegistration,
  },
  CreditAccount: { weight: 4, sentAgain: "refused", draw: drawCredit },
  PayOut: { weight: 1, sentAgain: "refused", draw: drawPayout },
  SetCreditLine: { weight: 2, sentAgain: "accepted", draw: drawCreditLine },
  SetTariff: { weight: 2, sentAgain: "accepted", draw: drawTariff },
  SetTie: { weight: 2, sentAgain: "accepted", draw: drawTie },
  SubmitTender: { weight: 16, sentAgain: "refused", draw: drawTender },
  CancelTender: { weight: 4, sentAgain: "refused", draw: drawCancellation },
  ReplaceTender: { weight: 3, sentAgain: "refused", draw: drawReplacement },
  SubmitTenders: { weight: 5, sentAgain: "refused", draw: drawBatch },
  CancelTenders: { weight: 2, sentAgain: "refused", draw: drawCancellations },
  SubmitPosition: { weight: 5, sentAgain: "refused", draw: drawPosition },
  CloseGate: { weight: 5, sentAgain: "refused", draw: drawClosing },
  ApplyAward: { weight: 6, sentAgain: "refused", draw: drawAward },
  SettleTie: { weight: 3, sentAgain: "refused", draw: drawStatement },
  FallBack: { weight: 3, sentAgain: "refused", draw: drawFallback },
  ReportDelivery: { weight: 16, sentAgain: "refused", draw: drawDelivery },
  ReadMeter: { weight: 5, sentAgain: "refused", draw: drawReading },
  EstimateDeliveries: { weight: 2, sentAgain: "refused", draw: drawEstimate },
  EnrolKey: { weight: 2, sentAgain: "refused", draw: (from) => drawEnrolment(from, HOMES) },
  RotateKey: { weight: 2, sentAgain: "refused", draw: drawRotation },
  RevokeKey: { weight: 1, sentAgain: "refused", draw: drawRevocation },
  SetStanding: { weight: 1, sentAgain: "accepted", draw: (from) => drawStanding(from, HOMES) },
  MakeGrant: { weight: 2, sentAgain: "refused", draw: (from) => drawGrant(from, HOMES) },
  RevokeGrant: { weight: 2, sentAgain: "refused", draw: drawGrantRevocation },
  Signed: { weight: 3, sentAgain: "refused", draw: drawSigned },
  OpenSession: { weight: 3, sentAgain: "refused", draw: drawOpening },
  InSession: { weight: 10, sentAgain: "refused", draw: (from) => drawMessage(from, tenderFor(from)) },
  CloseSessionSlot: { weight: 4, sentAgain: "refused", draw: drawSlotRoot },
  EndSession: { weight: 1, sentAgain: "refused", draw: drawEnd },
};

/** A command of any type; `null` where the type that was drawn has nothing to say. */
export function drawCommand(from: Draw): Command | null {
  const rows = Object.values(COMMAND_TABLE);
  let left = from.stream.below(rows.reduce((sum, { weight }) => sum + weight, 0));
  for (const row of rows) {
    if (left < row.weight) return row.draw(from);
    left -= row.weight;
  }
  return null;
}

/** Narrows what a builder made. */
function as<Type extends Command["type"]>(type: Type, command: Command): Drawn<Type> {
  return command.type === type ? (command as Drawn<Type>) : null;
}

/** A home, a market below, or a trader; a utility that would deliver by schedule is refused below a market. */
function drawRegistration({ stream }: Draw): Drawn<"RegisterParty"> {
  const party = pick(stream, [...TRADING, ...MARKETS_BELOW, "utility"]);
  if (party === TRADER) return { type: "RegisterParty", party: partyId(party), delivery: "financial" };
  if (party === "utility") return { type: "RegisterParty", party: partyId(party), delivery: "scheduled" };
  return as("RegisterParty", registerParty(party));
}

/** The first slot whose gate is open, or one of the next. */
function openSlot({ state, now, stream }: Draw): InstantMs {
  const { slotLength, gateLead } = state.rules;
  return slotAfter(slotAt(instantMs(now + gateLead), slotLength), 1 + stream.below(3)).startMs;
}

/** A slot whose gate has not closed, one to three after the last that has. */
function laterSlot({ state, now, stream }: Draw): InstantMs {
  const closed = slotAt(state.closedThrough ?? now, state.rules.slotLength);
  return slotAfter(closed, state.closedThrough === null ? 0 : 1 + stream.below(3)).startMs;
}

function drawCredit({ stream, fresh }: Draw): Drawn<"CreditAccount"> {
  const reference = stream.below(6) === 0 ? "pay-1" : `pay-${fresh()}`;
  return as(
    "CreditAccount",
    creditAccount(
      pick(stream, [...TRADING, ...MARKETS_BELOW]),
      BigInt(stream.between(1, 90)) * 1_000_000_000n,
      reference,
    ),
  );
}

function drawPayout({ stream, fresh }: Draw): Drawn<"PayOut"> {
  const amount = amountNano(BigInt(stream.between(1, 20)) * 1_000_000_000n);
  return { type: "PayOut", party: partyId(pick(stream, HOMES)), amount, reference: `out-${fresh()}` };
}

function drawCreditLine({ stream }: Draw): Drawn<"SetCreditLine"> {
  const limit = amountNano(BigInt(stream.below(30)) * 1_000_000_000n);
  return { type: "SetCreditLine", party: partyId(pick(stream, [...HOMES, ...MARKETS_BELOW])), limit };
}

function drawTariff(from: Draw): Drawn<"SetTariff"> {
  const { stream } = from;
  return as("SetTariff", setTariff(laterSlot(from), stream.between(25, 45) * CENT, stream.between(5, 12) * CENT));
}

function drawTie(from: Draw): Drawn<"SetTie"> {
  return { type: "SetTie", from: laterSlot(from), tie: from.stream.below(5) === 0 ? null : anyTie(from.stream) };
}

function anyTie(stream: RandomStream): Tie {
  const limit = (): Tie["importLimit"] => (stream.below(3) === 0 ? null : wattHours(stream.below(6_000)));
  return {
    importLimit: limit(),
    exportLimit: limit(),
    feeIn: priceMicro(stream.below(4) * CENT),
    feeOut: priceMicro(stream.below(4) * CENT),
    loss: partsPerMillion(stream.below(3) * 20_000),
  };
}

/** One tender in twelve has an id that served before, one in twenty lies off the tick. */
function drawTender(from: Draw): Drawn<"SubmitTender"> {
  const { stream, fresh } = from;
  const number = fresh();
  const id = `t${stream.below(12) === 0 ? 1 + stream.below(number) : number}`;
  const steps = Array.from({ length: stream.between(1, 3) }, (): [number | null, number] => {
    const price = stream.below(12) === 0 ? null : stream.between(-5, 60) * CENT + (stream.below(20) === 0 ? 1 : 0);
    return [price, stream.between(1, 2_500)];
  });
  const side = stream.below(2) === 0 ? "buy" : "sell";
  return as("SubmitTender", submitTender(openSlot(from), tender(id, pick(stream, TRADING), side, ...steps)));
}

/** Tenders for one slot or several; one batch in eight has a name that served before, one tender in sixty lies off the tick. */
function drawBatch(from: Draw): Drawn<"SubmitTenders"> {
  const { stream, fresh } = from;
  const number = fresh();
  const name = `b${stream.below(8) === 0 ? 1 + stream.below(number) : number}`;
  const slots = new Set(Array.from({ length: stream.between(1, 3) }, () => openSlot(from)));
  const lots = Array.from(slots, (slot) => {
    const tenders = Array.from({ length: stream.between(1, 6) }, () => stream.below(2) === 0);
    const steps = tenders.map(() => (stream.below(3) === 0 ? stream.between(1, 3) : 1));
    const sales = tenders.flatMap((isSale, at) => Array.from({ length: steps[at] ?? 1 }, () => isSale));
    return {
      slot,
      prices: sales.map(() => {
        return stream.below(12) === 0 ? null : stream.between(-5, 60) * CENT + (stream.below(60) === 0 ? 1 : 0);
      }),
      energies: sales.map((isSale) => (isSale ? -1 : 1) * stream.between(1, 900)),
      steps,
    };
  });
  return as("SubmitTenders", submitTenders(pick(stream, TRADING), name, ...lots));
}

/**
 * Some of what a home has in one slot, or all of it, by name: a second copy takes nothing else back. Without names it would
 * take back what came in between.
 */
function drawCancellations({ state, stream }: Draw): Drawn<"CancelTenders"> {
  const standing = [...state.books].flatMap(([slot, { tenders }]) =>
    Array.from(tenders.values(), ({ party, id }) => ({ slot, party, id })),
  );
  if (standing.length === 0) return null;
  const { slot, party } = pick(stream, standing);
  const own = standing.filter((other) => other.slot === slot && other.party === party).map(({ id }) => id);
  const isAll = stream.below(3) === 0;
  return { type: "CancelTenders", party, slot, tenders: own.filter(() => isAll || stream.below(2) === 0) };
}

function drawCancellation({ state, stream }: Draw): Drawn<"CancelTender"> {
  const standing = [...state.books].flatMap(([slot, { tenders }]) =>
    [...tenders.values()].map(({ party, id }) => cancelTender(slot, party, id)),
  );
  return standing.length === 0 ? null : as("CancelTender", pick(stream, standing));
}

/** By a tender of the same party; now and then under an id that served before, or of somebody else. */
function drawReplacement(from: Draw): Drawn<"ReplaceTender"> {
  const { state, stream } = from;
  const standing = [...state.books].flatMap(([slot, { tenders }]) =>
    Array.from(tenders.values(), ({ party, id }) => ({ slot, party, id })),
  );
  const drawn = drawTender(from);
  if (standing.length === 0 || drawn === null) return null;
  const { slot, party, id } = pick(stream, standing);
  const placed = stream.below(20) === 0 ? drawn.tender : { ...drawn.tender, party };
  return { type: "ReplaceTender", slot, replaced: id, tender: placed };
}

function drawPosition(from: Draw): Drawn<"SubmitPosition"> {
  const { state, stream } = from;
  const slot = openSlot(from);
  const party = partyId(pick(stream, MARKETS_BELOW));
  const standing = state.books.get(slot)?.positions.get(party)?.number ?? 0;
  const price = stream.between(5, 40) * CENT;
  const [bought, sold] = [stream.below(2_000), stream.below(2_000)];
  const curve = curveOfDrops(wattHours(bought), [
    { price, kind: 0, energy: bought },
    { price: price + CENT, kind: 1, energy: sold },
  ]);
  return { type: "SubmitPosition", slot, party, number: standing + stream.below(4), curve };
}

/** The oldest gate that is due; before the first one, the gate of the present slot. */
function drawClosing({ state, now }: Draw): Drawn<"CloseGate"> {
  const { slotLength } = state.rules;
  const { closedThrough } = state;
  const next = closedThrough === null ? slotAt(now, slotLength) : slotAfter(slotAt(closedThrough, slotLength));
  return as("CloseGate", closeGate(next.startMs));
}

function drawAward({ state, stream }: Draw): Drawn<"ApplyAward"> {
  const [waiting] = state.waiting;
  if (waiting === undefined) return null;
  const [slot, { presented }] = waiting;
  const price = priceMicro(stream.below(50) * CENT);
  const { least, most } = levelsAt(presented.curve, price);
  const energy = wattHours(stream.below(2) === 0 ? least : most);
  return { type: "ApplyAward", slot, number: presented.number, price, energy };
}

/** What the market above booked for a slot that is over; now and then a copy, or one after a gap. */
function drawStatement({ state, stream, now }: Draw): Drawn<"SettleTie"> {
  const slot = slotAfter(slotAt(now, state.rules.slotLength), -stream.between(1, 4)).startMs;
  const after = Math.max(0, state.tieStatement + (stream.below(10) === 0 ? stream.between(-1, 1) : 0));
  const amount = amountNano(BigInt(stream.between(-9, 9)) * 1_000_000_000n);
  const award = amountNano(BigInt(stream.between(-1, 1)) * 1_000_000_000n);
  return { type: "SettleTie", slot, number: after + stream.between(1, 3), after, amount, award };
}

function drawFallback({ state, stream }: Draw): Drawn<"FallBack"> {
  const [waiting] = state.waiting;
  return waiting === undefined
    ? null
    : { type: "FallBack", slot: waiting[0], to: pick(stream, ["island", "tariff"] as const) };
}

/** A report that somebody still owes; now and then one that is too early, or a second one. */
function drawDelivery({ state, stream }: Draw): Drawn<"ReportDelivery"> {
  const [cleared] = state.cleared;
  if (cleared === undefined) return null;
  const [slot, { awaiting, traded }] = cleared;
  const party = pick(stream, [...(stream.below(10) === 0 ? traded.keys() : awaiting)].sort());
  return as("ReportDelivery", reportDelivery(slot, party, stream.below(3_000), stream.below(2_000)));
}

/** The counters of a home that reports by them, or now and then begins to; one that went back in twenty. */
function drawReading({ state, stream }: Draw): Drawn<"ReadMeter"> {
  const [cleared] = state.cleared;
  if (cleared === undefined) return null;
  const [slot] = cleared;
  const known = [...state.meters.keys()].sort();
  const party = known.length === 0 || stream.below(8) === 0 ? partyId(pick(stream, HOMES)) : pick(stream, known);
  const last = state.meters.get(party);
  const at = last === undefined ? slot : slotAfter(slotAt(slot, state.rules.slotLength)).startMs;
  const count = (from: number): ReturnType<typeof wattHours> => wattHours(from + stream.between(-100, 2_000));
  return {
    type: "ReadMeter",
    party,
    at,
    imported: count(last?.imported ?? 500),
    exported: count(last?.exported ?? 500),
  };
}

/** The oldest slot that waits for readings. */
function drawEstimate({ state }: Draw): Drawn<"EstimateDeliveries"> {
  const [cleared] = state.cleared;
  return cleared === undefined ? null : { type: "EstimateDeliveries", slot: cleared[0] };
}

/** A tender in its sender's envelope. */
function drawSigned(from: Draw): Drawn<"Signed"> {
  return drawEnvelope(from, tenderFor(from));
}

/** Makes a tender of a party under an id. */
function tenderFor(from: Draw): (party: PartyId, id: string) => Drawn<"SubmitTender"> {
  return (party, id) => {
    const step: [number, number] = [from.stream.between(-5, 60) * CENT, from.stream.between(1, 2_500)];
    const side = from.stream.below(2) === 0 ? "buy" : "sell";
    return as("SubmitTender", submitTender(openSlot(from), tender(id, party, side, step)));
  };
}
