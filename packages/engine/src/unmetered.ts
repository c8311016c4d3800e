/**
 * Parties that no meter speaks for. What they delivered in a slot follows from how they were registered:
 *
 * - `scheduled`: a utility on the other side of the tie. It delivers what it traded: its energy crosses the tie by
 *   schedule, so that of what the tie meters the residual counterparty answers for the rest.
 * - `financial`: a trader without a plant or a load. It delivers nothing, and its whole position is a deviation.
 *
 * No slot waits for them; their deliveries are posted with the last reading of the others.
 */
import {
  assert,
  compareText,
  minus,
  plus,
  wattHours,
  type InstantMs,
  type PartyId,
  type WattHours,
} from "@micromarket/kernel";
import type { UnmeteredBasis } from "./delivery-basis.ts";
import type { DeliveryPosted } from "./event.ts";
import { postDelivery } from "./post-delivery.ts";
import type { ClearedSlot, State, StateView, View } from "./state.ts";

const NOTHING = wattHours(0);

/** Whether a meter still has to say something of the slot. */
export function isMeterAwaited({ unmetered }: StateView, { awaiting }: View<Pick<ClearedSlot, "awaiting">>): boolean {
  if (awaiting.size > unmetered.size) return true;
  return [...awaiting].some((party) => !unmetered.has(party));
}

/** Posts what the parties without a meter delivered in the slot, in order of name. */
export function deliverUnmetered(state: State, slot: InstantMs, record: ClearedSlot): readonly DeliveryPosted[] {
  return [...record.awaiting].sort(compareText).map((party) => {
    const basis = state.unmetered.get(party);
    assert(basis !== undefined, `${party} has a meter that is waited for`);
    const [imported, exported] = energiesOf(basis === "scheduled" ? record.traded.get(party) : NOTHING);
    record.awaiting.delete(party);
    record.open?.readings.set(party, { imported, exported, isEstimate: false });
    const posted = postDelivery(state, record, { type: "ReportDelivery", slot, party, imported, exported });
    return { ...posted, basis };
  });
}

/** What crossed the tie into the microgrid by schedule, net: no part of the residual counterparty's. */
export function scheduledIn({ unmetered }: StateView, { traded }: View<Pick<ClearedSlot, "traded">>): WattHours {
  let bought = NOTHING;
  for (const [party, basis] of unmetered) {
    if (basis === "scheduled") bought = plus(bought, traded.get(party) ?? NOTHING);
  }
  return minus(NOTHING, bought);
}

/** A net import as the two readings of a meter. */
function energiesOf(net: WattHours = NOTHING): readonly [imported: WattHours, exported: WattHours] {
  return net >= 0 ? [net, NOTHING] : [NOTHING, minus(NOTHING, net)];
}

/** What `state` says of parties without a meter and cannot be. */
export function unmeteredViolations({ unmetered, parties, meters, rules, books }: StateView): readonly string[] {
  const faulty = (party: PartyId, basis: UnmeteredBasis): readonly string[] => [
    ...(parties.has(party) && party !== rules.residual.party
      ? []
      : [`${party} is no party that may be without a meter`]),
    ...(meters.has(party) ? [`${party} has no meter, and a reading of it`] : []),
    ...(basis === "scheduled" && rules.node?.above === "market"
      ? [`${party} delivers by schedule below a market`]
      : []),
    ...([...books.values()].some(({ positions }) => positions.has(party))
      ? [`${party} is a market without a meter`]
      : []),
  ];
  return [...unmetered].flatMap(([party, basis]) => faulty(party, basis));
}
