/** What a profile says of an energy counter; settlement decides by it whether the counter is good enough. */
import { Type, type Static } from "@sinclair/typebox";
import { choice, closed, integer } from "./schema-parts.ts";

/** A counter's fields. */
export const counterSchema = Type.Object(
  {
    resolution_wh: integer(1, 1_000_000, 10, "Smallest step that shows, Wh, rounded up"),
    width_bits: Type.Optional(integer(8, 64, 32, "Bits of the counter, where it is kept in registers")),
    wraps_at_wh: Type.Optional(
      integer(1, Number.MAX_SAFE_INTEGER, 655_360, "Reading at which it starts again from 0, Wh"),
    ),
    resets: choice(["never", "possible", "unknown"], "Whether somebody may set it back"),
    balance: choice(["vector", "per-phase", "unknown"], "Phases netted against each other, or summed one by one"),
  },
  {
    ...closed,
    title: "what the counter counts, and how finely",
    description: "How an energy counter behaves",
    examples: ["{ resolution_wh: 10, resets: never, balance: vector }"],
  },
);

/** A counter as a file has it. */
export type CounterSection = Static<typeof counterSchema>;

/** How an energy counter behaves. */
export interface CounterFacts {
  /** Smallest step that shows, Wh. */
  readonly resolutionWh: number;
  /** `null` where it is not kept in registers. */
  readonly widthBits: number | null;
  /** The reading at which it starts again from 0, Wh; `null` where that is not known or does not happen. */
  readonly wrapsAtWh: number | null;
  /** Whether it may be set back by a user or a reset. */
  readonly resets: "never" | "possible" | "unknown";
  /** Phases netted against each other (as utility meters do), or summed one by one. */
  readonly balance: "vector" | "per-phase" | "unknown";
}

/** The facts of a section that passed the schema. */
export function readCounter(section: CounterSection): CounterFacts {
  const { resolution_wh: resolutionWh, width_bits: widthBits = null, wraps_at_wh: wrapsAtWh = null } = section;
  return { resolutionWh, widthBits, wrapsAtWh, resets: section.resets, balance: section.balance };
}
