/** What a party bought, sold and metered, slot by slot. */
import { tradeValue, type PartyId } from "@micromarket/kernel";
import { phaseOf, type Moment } from "./moment.ts";
import type { MarketReadModel, PartyRecord, SlotQuery, SlotRecord } from "./read-model.ts";
import { newestFirst, ownerIn } from "./slot-view.ts";
import type { PartyList, PartyPosition } from "@micromarket/protocol";
import { instantText } from "@micromarket/protocol";

type PartyView = PartyList["parties"][number];
type PositionSlot = PartyPosition["slots"][number];

/** A party as it is listed. */
export function partyView(model: MarketReadModel, { party, balance }: PartyRecord): PartyView {
  const role = party === model.rules.residual.party ? "residual" : "member";
  return { party, role, balance_nano: String(balance) };
}

/** One page of a party's positions, newest first. */
export function partyPosition(
  model: MarketReadModel,
  party: PartyRecord,
  query: Omit<SlotQuery, "order">,
  moment: Moment,
): PartyPosition {
  const { page, next } = newestFirst(model, query);
  const slots = page.map((record) => positionIn(model, record, party.party, moment));
  return { ...partyView(model, party), slots, next };
}

function positionIn(model: MarketReadModel, record: SlotRecord, party: PartyId, { now }: Moment): PositionSlot {
  const { slot, result } = record.closed.event;
  const { boughtWh, soldWh, amount } = tradedBy(record, party);
  const delivery = record.deliveries.find(({ event }) => event.party === party)?.event;
  return {
    start: instantText(slot),
    start_ms: slot,
    phase: phaseOf(model, slot, now),
    price_micro_per_kwh: result.price,
    bought_wh: boughtWh,
    sold_wh: soldWh,
    net_wh: boughtWh - soldWh,
    amount_nano: String(amount),
    metered:
      delivery === undefined
        ? null
        : {
            imported_wh: delivery.imported,
            exported_wh: delivery.exported,
            deviation_wh: delivery.deviation,
            is_estimate: delivery.isEstimate,
            ...(delivery.basis === undefined ? {} : { basis: delivery.basis }),
          },
  };
}

function tradedBy(record: SlotRecord, party: PartyId): { boughtWh: number; soldWh: number; amount: bigint } {
  const owner = ownerIn(record);
  let [boughtWh, soldWh, amount] = [0, 0, 0n];
  for (const { buy, sell, energy, price } of record.closed.event.result.trades) {
    if (owner(buy) === party) {
      boughtWh += energy;
      amount -= tradeValue(price, energy);
    }
    if (owner(sell) === party) {
      soldWh += energy;
      amount += tradeValue(price, energy);
    }
  }
  return { boughtWh, soldWh, amount };
}
