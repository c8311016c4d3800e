/** Serving a price level that cannot be served in full. */
import { apportion, hashText, least, minus, wattHours, type WattHours } from "@micromarket/kernel";
import type { Rationing } from "../auction.ts";
import type { LevelShare } from "./price-ladder.ts";

/**
 * What each share of the level gets of `available`, in the order of `shares`; the parts sum to `available`.
 * Pro-rata: largest remainder, equal remainders by the hash of slot and tender id, which neither arrival nor a
 * chosen name can game. Time priority: first come, first served.
 */
export function ration(
  shares: readonly LevelShare[],
  available: WattHours,
  rationing: Rationing,
  slot: string,
): readonly WattHours[] {
  if (rationing === "time-priority") return serveInOrder(shares, available);
  const weights = shares.map((share) => share.energy);
  const tieRank = (index: number): string => hashText(`${slot}\0${shares[index]?.tender.id ?? ""}`);
  return apportion(available, weights, tieRank).map(wattHours);
}

function serveInOrder(shares: readonly LevelShare[], available: WattHours): readonly WattHours[] {
  let left = available;
  return shares.map((share) => {
    const served = least(share.energy, left);
    left = minus(left, served);
    return served;
  });
}
