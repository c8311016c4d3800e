/**
 * Seeded commands as a busy street sends them: mostly sound, now and then refused, from several senders at once.
 *
 * The senders know the clock and the rules but not the node's state, like real ones. Whoever starts them anew on a
 * market that has gone on gets refusals for what was done already, and then new commands.
 */
import {
  instantMs,
  slotAfter,
  slotAt,
  slotEnd,
  type InstantMs,
  type RandomStream,
  type Slot,
} from "@micromarket/kernel";
import type { Command, MarketRules } from "@micromarket/engine";
import {
  cancelTender,
  closeGate,
  creditAccount,
  registerParty,
  reportDelivery,
  setTariff,
  submitTender,
  tender,
} from "./market-builders.ts";

/** One sender of commands. */
export interface CommandSource {
  /** The next command at `now`, or `null` while there is nothing to say. */
  next(now: InstantMs): Command | null;
}

/** Who takes part. */
export const HOMES: readonly string[] = ["home-1", "home-2", "home-3", "home-4", "home-5", "haus-ä", "家-7"];
const SLOTS_AHEAD = 4;
/** How far back a sender looks for slots that nobody closed or read before it came. */
const SLOTS_BACK = 8;
const CENT = 10_000;

/** Tenders for the next slots and takes some back. `name` keeps its tender ids apart from other traders'. */
export function createTrader(name: string, rules: MarketRules, stream: RandomStream): CommandSource {
  const placed: { readonly slot: InstantMs; readonly party: string; readonly id: string }[] = [];
  let count = 0;

  function place(now: InstantMs): Command {
    const slot = slotAfter(latestDueSlot(rules, now), stream.between(1, SLOTS_AHEAD)).startMs;
    const party = pick(HOMES, stream);
    const id = `${name}-${(count += 1)}`;
    placed.push({ slot, party, id });
    if (placed.length > 40) placed.shift();
    const side = stream.below(2) === 0 ? "buy" : "sell";
    return submitTender(slot, tender(id, party, side, ...steps(stream)));
  }

  function takeBack(): Command | null {
    const standing = placed.splice(stream.below(placed.length), 1)[0];
    return standing === undefined ? null : cancelTender(standing.slot, standing.party, standing.id);
  }

  return { next: (now) => (placed.length > 0 && stream.below(6) === 0 ? takeBack() : place(now)) };
}

/** Closes each gate in its turn; in between registers homes, credits them and changes the tariff. */
export function createOperator(name: string, rules: MarketRules, stream: RandomStream): CommandSource {
  let toClose: Slot | null = null;
  let count = 0;

  function administrate(now: InstantMs): Command {
    count += 1;
    switch (stream.below(4)) {
      case 0:
        return registerParty(pick(HOMES, stream));
      case 1:
        return creditAccount(pick(HOMES, stream), BigInt(stream.between(0, 90)) * 1_000_000_000n, `${name}-${count}`);
      case 2:
        return setTariff(slotAfter(latestDueSlot(rules, now), 2).startMs, ...tariffPair(stream));
      default:
        return creditAccount(pick(HOMES, stream), 1_000_000_000n, `${name}-${stream.between(1, count)}`);
    }
  }

  return {
    next(now) {
      const due = latestDueSlot(rules, now);
      if (toClose === null) {
        toClose = slotAfter(due, -SLOTS_BACK);
        return setTariff(toClose.startMs, ...tariffPair(stream));
      }
      if (toClose.startMs > due.startMs) return administrate(now);
      const closing = closeGate(toClose.startMs);
      toClose = slotAfter(toClose);
      return closing;
    },
  };
}

/** Reports every home's meter, and the tie's, once a slot has ended. */
export function createMeterReader(rules: MarketRules, stream: RandomStream): CommandSource {
  const meters = [...HOMES, rules.residual.party];
  let toRead: Slot | null = null;
  let read = 0;

  return {
    next(now) {
      toRead ??= slotAfter(slotAt(now, rules.slotLength), -SLOTS_BACK - 1);
      if (slotEnd(toRead) > now) return null;
      const party = meters[read] ?? rules.residual.party;
      const report = reportDelivery(toRead.startMs, party, stream.below(3_000), stream.below(2_000));
      read = (read + 1) % meters.length;
      if (read === 0) toRead = slotAfter(toRead);
      return report;
    },
  };
}

function latestDueSlot({ slotLength, gateLead }: MarketRules, now: InstantMs): Slot {
  return slotAt(instantMs(now + gateLead), slotLength);
}

/** One to three steps; one step in twelve trades at any price, one in forty lies off the tick. */
function steps(stream: RandomStream): [price: number | null, energy: number][] {
  return Array.from({ length: stream.between(1, 3) }, () => {
    const onTick = stream.between(-5, 60) * CENT;
    const price = stream.below(12) === 0 ? null : stream.below(40) === 0 ? onTick + 1 : onTick;
    return [price, stream.between(1, 2_500)];
  });
}

function tariffPair(stream: RandomStream): [tariff: number, feedIn: number] {
  return [stream.between(25, 45) * CENT, stream.between(5, 12) * CENT];
}

function pick(names: readonly string[], stream: RandomStream): string {
  return names[stream.below(names.length)] ?? "nobody";
}
