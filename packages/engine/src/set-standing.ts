/**
 * Suspending a party, readmitting it, or letting it go for good.
 *
 * Who leaves takes back what it has in open books and is expected to report no slot whose gate closes later. Slots that
 * wait for it already still do: its keys count no more, so that the operator reports for it.
 *
 * Precedence: PARTY_UNKNOWN, PARTY_RESERVED, PARTY_LEFT.
 */
import { setStanding as setInRegistry } from "@micromarket/identity";
import type { InstantMs, PartyId } from "@micromarket/kernel";
import type { SetStanding } from "./command.ts";
import type { TenderCancelled } from "./event.ts";
import { voidHolds } from "./funds.ts";
import { positionHold } from "./hold-trades.ts";
import { accept, refuse, type Outcome } from "./outcome.ts";
import type { State } from "./state.ts";
import { takeTendersBack } from "./take-back.ts";

/** Sets the standing. The residual counterparty has always its own. */
export function setStanding(state: State, { party, standing }: SetStanding, now: InstantMs): Outcome {
  const { parties, registry, rules } = state;
  if (!parties.has(party)) return refuse({ code: "PARTY_UNKNOWN", party });
  if (party === rules.residual.party) return refuse({ code: "PARTY_RESERVED", party });
  const set = setInRegistry(registry, party, standing, true);
  if (!set.ok) return refuse(set.error);
  return accept(
    { type: "StandingSet", party, standing },
    ...(standing === "left" ? takeAllBack(state, party, now) : []),
  );
}

function takeAllBack(state: State, party: PartyId, now: InstantMs): readonly TenderCancelled[] {
  return [...state.books].flatMap(([slot, book]) => {
    const position = book.positions.get(party);
    if (position !== undefined) voidHolds(state, [positionHold(slot, position.number, party)], now);
    book.positions.delete(party);
    const own = [...book.tenders.values()].filter((tender) => tender.party === party);
    takeTendersBack(state, slot, book, own, now);
    return own.map(({ id }): TenderCancelled => ({ type: "TenderCancelled", slot, party, tender: id }));
  });
}
