/** Random islanding: in which slots a node is cut off the market above. */
import { randomStream, type PartsPerMillion, type PartyId } from "@micromarket/kernel";

const WHOLE = 1_000_000;

/**
 * For each slot whether an island begins there: every slot of a connected node begins one with `probability`, and it lasts
 * `slots` slots, at least 1. A node's draws depend on the seed and its own name only.
 */
export function drawIslands(
  seed: number,
  node: PartyId,
  slotCount: number,
  probability: PartsPerMillion,
  slots: number,
): readonly boolean[] {
  const stream = randomStream(seed, "islanding", node);
  let left = 0;
  return Array.from({ length: slotCount }, () => {
    if (left === 0 && stream.below(WHOLE) < probability) left = slots;
    if (left === 0) return false;
    left -= 1;
    return true;
  });
}
