/** Draws that the profiles share, on top of the kernel's uniform integers. */
import type { RandomStream } from "@micromarket/kernel";

/** The smallest and the largest value of a uniform draw. */
export type Range = readonly [low: number, high: number];

/** A uniform integer of `range`, both ends included. */
export function drawFrom(stream: RandomStream, [low, high]: Range): number {
  return stream.between(low, high);
}

/** An index of `weights` (non-negative integers with a positive sum), each as likely as its weight. */
export function drawWeighted(stream: RandomStream, weights: readonly number[]): number {
  let left = stream.below(weights.reduce((sum, weight) => sum + weight, 0));
  return weights.findIndex((weight) => {
    left -= weight;
    return left < 0;
  });
}
