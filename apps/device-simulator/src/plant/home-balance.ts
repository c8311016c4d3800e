/** What has flowed in a home, part by part, in watt-milliseconds: the book that its meters' counters are read from. */
import { flowOf, type Flow } from "./energy.ts";
import type { HomePlant } from "./home-plant.ts";
import type { MemberName } from "./plant-member.ts";

/** A home's book: grid in − grid out = the sum of in − out of load and parts. */
export interface HomeBalance {
  readonly gridW: number;
  readonly grid: Flow;
  readonly load: Flow;
  readonly parts: ReadonlyMap<MemberName, Flow & { readonly powerW: number }>;
}

/** The book as it stands. */
export function balanceOf(plant: HomePlant): HomeBalance {
  return {
    gridW: plant.gridW(),
    grid: flowOf(plant.grid),
    load: flowOf(plant.load),
    parts: new Map(
      Array.from(plant.members, ([name, { counter, powerW }]) => [name, { ...flowOf(counter), powerW }] as const),
    ),
  };
}
