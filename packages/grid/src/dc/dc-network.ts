/** A meshed network under the DC power flow, with the tenders of one slot. */
import type { WattHours } from "@micromarket/kernel";
import type { AuctionRules, Tender } from "@micromarket/market";

/** A line between two buses, named by their places. Parallel lines are lines of their own. */
export interface DcLine {
  readonly from: number;
  readonly to: number;
  /** Per unit on the network's base; not 0. */
  readonly reactance: number;
  /** Most energy per slot in either direction; `null` is no limit. */
  readonly limit: WattHours | null;
}

/** A tender at its bus. */
export interface BusTender {
  /** The bus's place. */
  readonly bus: number;
  readonly tender: Tender;
}

/** A network. */
export interface DcNetwork {
  /** The slot's name; part of the tie-break. */
  readonly slot: string;
  readonly rules: AuctionRules;
  /** How many buses there are; the first one of each connected part is its reference. */
  readonly buses: number;
  readonly lines: readonly DcLine[];
  readonly tenders: readonly BusTender[];
}

/** For each bus the reference of its connected part: the first bus of it. */
export function referencesOf({ buses, lines }: Pick<DcNetwork, "buses" | "lines">): Int32Array {
  const root = Int32Array.from({ length: buses }, (_, bus) => bus);
  const find = (bus: number): number => {
    let at = bus;
    while ((root[at] ?? at) !== at) {
      root[at] = root[root[at] ?? at] ?? at;
      at = root[at] ?? at;
    }
    return at;
  };
  for (const { from, to } of lines) {
    const [a, b] = [find(from), find(to)];
    root[Math.max(a, b)] = Math.min(a, b);
  }
  return root.map((_, bus) => find(bus));
}
