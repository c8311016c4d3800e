/** Counters and meters as profiles describe them, for tests. */
import type { CounterFacts } from "@micromarket/device-profiles";
import type { CounterName, CounterRegister, CounterSpec, MeterSpec } from "../src/counter-facts.ts";

/** A counter that differs from a plain one, of 1 Wh, by `facts`. */
export function counterOf(facts: Partial<CounterFacts> = {}, register: CounterRegister | null = null): CounterSpec {
  const plain = { resolutionWh: 1, widthBits: null, wrapsAtWh: null, resets: "unknown", balance: "vector" } as const;
  return { facts: { ...plain, ...facts }, register, isTold: false };
}

/** A meter with two counters of a kind. */
export function meterOf(counter: CounterSpec, rest: Partial<MeterSpec> = {}): MeterSpec {
  const names: readonly CounterName[] = ["imported_wh", "exported_wh"];
  return {
    counters: new Map(names.map((name) => [name, counter])),
    powerMaxAgeMs: null,
    isAsIs: false,
    neverExports: false,
    isByPower: false,
    ...rest,
  };
}
