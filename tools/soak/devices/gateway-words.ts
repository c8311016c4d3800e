/** What the process of the gateway says. */
import type { Burden } from "./burden.ts";
import type { Lag } from "./lag.ts";

/** One line that it says. */
export type GatewayWord =
  | { readonly word: "url"; readonly url: string }
  | { readonly word: "burden"; readonly burden: Burden }
  | ({ readonly word: "lag" } & Lag);

/** The words of one kind among `lines`. */
export function gatewayWordsOf<Name extends GatewayWord["word"]>(
  lines: readonly string[],
  name: Name,
): readonly Extract<GatewayWord, { word: Name }>[] {
  return lines
    .map((line) => JSON.parse(line) as GatewayWord)
    .filter((word): word is Extract<GatewayWord, { word: Name }> => word.word === name);
}
