/** How a counter behaves, from how the device keeps it. */
import type { CounterFacts } from "@micromarket/device-profiles";
import { roundQuotient } from "@micromarket/kernel";
import type { SunspecType } from "./model-table.ts";
import type { SunspecPointSpec } from "./sunspec-profile.ts";
import { counterBits } from "./sunspec-value.ts";

const FLOAT32_MANTISSA_BITS = 23;

/**
 * An integer counter steps by 10^`scale` Wh and starts again at 2^bits of them; a float one has the step of a float of the
 * size of its reading `wh`, and does not start again.
 */
export function counterFactsOf(
  type: SunspecType,
  scale: number,
  wh: number,
  { resets, balance }: NonNullable<SunspecPointSpec["counter"]>,
): CounterFacts {
  const bits = counterBits(type);
  if (bits === null) {
    const resolutionWh = Math.max(1, 2 ** (Math.floor(Math.log2(Math.max(1, wh))) - FLOAT32_MANTISSA_BITS));
    return { resolutionWh, widthBits: null, wrapsAtWh: null, resets, balance };
  }
  const range = 2n ** BigInt(bits);
  const power = 10n ** BigInt(Math.abs(scale));
  const wraps = scale >= 0 ? range * power : roundQuotient(range, power);
  const wrapsAtWh = wraps <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(wraps) : null;
  return { resolutionWh: scale > 0 ? 10 ** scale : 1, widthBits: bits, wrapsAtWh, resets, balance };
}
