/**
 * Zero-intelligence traders: D. K. Gode and S. Sunder, "Allocative Efficiency of Markets with Zero-Intelligence Traders",
 * Journal of Political Economy 101 (1993). They draw each quote anew and uniformly, and learn nothing.
 */
import type { QuoteView, Strategy } from "./trader.ts";

const deaf = (): void => undefined;

/** ZI-U, unconstrained: any price of the market, whatever the limit. */
export const zeroIntelligenceUnconstrained: Strategy = (stream) => ({
  quote: ({ lowest, highest }) => stream.between(lowest, highest),
  hear: deaf,
});

/** ZI-C, constrained: any price of the market at which it does not lose. */
export const zeroIntelligenceConstrained: Strategy = (stream) => ({
  quote: (view) => stream.between(...rangeWithoutLoss(view)),
  hear: deaf,
});

/** A trader whose limit lies outside of the market's prices quotes the nearest one. */
function rangeWithoutLoss({ side, limit, lowest, highest }: QuoteView): [number, number] {
  return side === "buy"
    ? [lowest, Math.max(lowest, Math.min(limit, highest))]
    : [Math.min(highest, Math.max(limit, lowest)), highest];
}
