/** Who traded what in a cleared slot, and with whom. */
import { assert, plus, wattHours, type PartyId, type TenderId, type WattHours } from "@micromarket/kernel";
import type { GateClosed } from "@micromarket/engine";

/** What a party bought and sold in a slot; trade with itself is in neither. */
export interface Position {
  bought: WattHours;
  sold: WattHours;
  /** Of these, between homes. */
  localBought: WattHours;
  localSold: WattHours;
}

/** The positions of a cleared slot. */
export interface Positions {
  /** Of each home, in the scenario's order. */
  readonly homes: readonly Position[];
  /** Of the residual counterparty. */
  readonly grid: Position;
}

/** Adds up the trades of a closed gate. `homes` numbers the homes; whoever is not in it is the residual counterparty. */
export function positionsOf({ result, owners }: GateClosed, homes: ReadonlyMap<PartyId, number>): Positions {
  const positions = Array.from({ length: homes.size }, emptyPosition);
  const grid = emptyPosition();
  const positionOf = (party: PartyId): Position => positions[homes.get(party) ?? -1] ?? grid;
  for (const { buy, sell, energy } of result.trades) {
    const [buyer, seller] = [positionOf(ownerOf(buy, owners)), positionOf(ownerOf(sell, owners))];
    if (buyer === seller) continue;
    buyer.bought = plus(buyer.bought, energy);
    seller.sold = plus(seller.sold, energy);
    if (buyer === grid || seller === grid) continue;
    buyer.localBought = plus(buyer.localBought, energy);
    seller.localSold = plus(seller.localSold, energy);
  }
  return { homes: positions, grid };
}

/** Who stands behind a tender of a closed gate. */
export function ownerOf(tender: TenderId, owners: ReadonlyMap<TenderId, PartyId>): PartyId {
  const owner = owners.get(tender);
  assert(owner !== undefined, `nobody stands behind tender ${tender}`);
  return owner;
}

function emptyPosition(): Position {
  const zero = wattHours(0);
  return { bought: zero, sold: zero, localBought: zero, localSold: zero };
}
