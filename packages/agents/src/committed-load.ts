/** The agent of must-run consumption: buys what it expects to need, at the price it is given, the cap as a rule. */
import { minus, type PartyId, type PriceMicro, type TenderId, type WattHours } from "@micromarket/kernel";
import type { Tender } from "@micromarket/market";

/** All that the agent may see of a slot whose gate is open. */
export interface CommittedLoadView {
  readonly party: PartyId;
  /** The id that its tender takes, unique within the slot. */
  readonly tender: TenderId;
  /** What the load is expected to consume in the slot. */
  readonly forecast: WattHours;
  /** What is already bought for the slot. */
  readonly committed: WattHours;
  /** The most it pays per kWh; at the market's cap the demand counts as must-run. */
  readonly limit: PriceMicro;
}

/** One buy tender for the energy that is not yet bought; none where nothing is missing. */
export function committedLoad(view: CommittedLoadView): readonly Tender[] {
  const missing = minus(view.forecast, view.committed);
  if (missing <= 0) return [];
  return [{ id: view.tender, party: view.party, side: "buy", steps: [{ price: view.limit, energy: missing }] }];
}
