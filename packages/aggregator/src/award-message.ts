/** What comes down: of a clearing above, the part that concerns one market below. */
import type { PartyId } from "@micromarket/kernel";
import type { ApplyAward, GateClosed } from "@micromarket/engine";

/** The awards of a clearing as the commands of those who are awarded, by their names at the market above. */
export function awardsOf({ slot, node }: GateClosed): ReadonlyMap<PartyId, ApplyAward> {
  const awards = node?.awards ?? [];
  return new Map(
    awards.map(({ party, number, price, parts, energy }) => {
      return [party, { type: "ApplyAward", slot, number, price, parts, energy }];
    }),
  );
}
