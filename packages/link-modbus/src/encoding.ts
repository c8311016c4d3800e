/** How numbers and texts stand in registers, as a profile says it. */

/** Numbers as devices keep them; the digits are the bits, 16 a register. */
export type RegisterType = "int16" | "uint16" | "int32" | "uint32" | "int64" | "uint64" | "float32" | "float64";

/** Which half comes first: the high one (`big`) or the low one. */
export type EndFirst = "big" | "little";

/** How a number stands in its registers. */
export interface Encoding {
  readonly type: RegisterType;
  readonly wordOrder: EndFirst;
  /** Inside a register. */
  readonly byteOrder: EndFirst;
  /** value in the canonical unit = raw × multiply × 10^pow10 × sign. */
  readonly multiply: number;
  readonly pow10: number;
  readonly sign: 1 | -1;
  /** What each raw number stands for, instead of scaling; others stand for nothing. `null` where raw numbers are scaled. */
  readonly map: ReadonlyMap<number, number> | null;
  /** Registers that stand for "not available": upper-case hex digits, four a register, in the order on the wire. */
  readonly notAvailable: readonly string[];
}

/** What registers must hold; anything else is another device, or one that must not be touched now. */
export interface RegisterCheck {
  /** In words for an operator: what must hold. */
  readonly what: string;
  /** Another unit behind the same address that tells it; `null`: the device itself. */
  readonly unit: number | null;
  readonly function: 3 | 4;
  readonly address: number;
  readonly count: number;
  readonly expect:
    | { readonly kind: "one-of"; readonly encoding: Encoding; readonly values: readonly number[] }
    | { readonly kind: "range"; readonly encoding: Encoding; readonly min: number; readonly max: number }
    /** ASCII, two characters a register. */
    | { readonly kind: "text"; readonly start: string };
}

/** Registers that a number takes. */
export function registersOf(type: RegisterType): number {
  return Number(type.replace(/^\D+/, "")) / 16;
}
