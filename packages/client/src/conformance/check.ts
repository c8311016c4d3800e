/** A named check of the protocol: what is expected, and how it is found out. */
import type { Lab } from "./lab.ts";
import { Otherwise } from "./otherwise.ts";

/** A check. It throws `Otherwise` where what was seen is not what is expected, `NotHere` where it cannot be found out. */
export interface Check {
  /** `group/what`. */
  readonly name: string;
  readonly expects: string;
  /** Whether it places orders. */
  readonly trades: boolean;
  readonly run: (lab: Lab) => Promise<void>;
}

/** A check that places no orders. */
export function check(name: string, expects: string, run: Check["run"]): Check {
  return { name, expects, trades: false, run };
}

/** A check that places orders, and takes them back. */
export function tradingCheck(name: string, expects: string, run: Check["run"]): Check {
  return { name, expects, trades: true, run };
}

/** Throws where it does not hold. */
export function expectThat(holds: boolean, seen: string): asserts holds {
  if (!holds) throw new Otherwise(seen);
}

/** Throws where the two are not the same JSON. */
export function expectSame(seen: unknown, expected: unknown, what: string): void {
  const [one, other] = [JSON.stringify(seen), JSON.stringify(expected)];
  expectThat(one === other, `${what} is ${one ?? "nothing"}, and not ${other ?? "nothing"}`);
}
