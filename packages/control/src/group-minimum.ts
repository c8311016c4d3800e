/**
 * What a grid operator must leave to a group of controllable devices behind one energy management system (section 14a of
 * the German energy act): Pmin = 4.2 kW + (n − 1) × simultaneity × 4.2 kW.
 */
import { assert, roundQuotient, watts, type PartsPerMillion, type Watts } from "@micromarket/kernel";

const DEVICE_W = 4_200;

/** The least power of `count` devices (a positive integer) at a simultaneity factor, rounded to the watt. */
export function groupMinimum(count: number, simultaneity: PartsPerMillion): Watts {
  assert(Number.isSafeInteger(count) && count > 0, `a group has devices, got ${count}`);
  const others = roundQuotient(BigInt(count - 1) * BigInt(simultaneity) * BigInt(DEVICE_W), 1_000_000n);
  return watts(DEVICE_W + Number(others));
}
