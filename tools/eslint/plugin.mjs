/** The repository's own lint rules: what no published rule knows about the kernel's types. */
import { noBrandAssertion } from "./no-brand-assertion.mjs";
import { noQuantityArithmetic } from "./no-quantity-arithmetic.mjs";

export const micromarket = {
  meta: { name: "micromarket" },
  rules: { "no-quantity-arithmetic": noQuantityArithmetic, "no-brand-assertion": noBrandAssertion },
};
