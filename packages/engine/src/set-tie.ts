/**
 * Setting the tie to the market above; without one the market is islanded.
 *
 * Precedence: NO_MARKET_ABOVE, SLOT_MISALIGNED, TIE_LIMIT_OUT_OF_RANGE, TIE_FEE_OUT_OF_RANGE, TIE_LOSS_OUT_OF_RANGE,
 * TIE_IN_THE_PAST, TIES_TOO_MANY.
 */
import { greatest, minus, priceMicro } from "@micromarket/kernel";
import type { Tie } from "@micromarket/grid";
import type { SetTie } from "./command.ts";
import { isMarketSlot } from "./gate.ts";
import { ENERGY_MAX, LOSS_MAX, PRICE_MAX, TIES_MAX } from "./limits.ts";
import { accept, refuse, type Outcome } from "./outcome.ts";
import type { TieRefusal } from "./refusal.ts";
import type { State } from "./state.ts";
import { insertTariff } from "./tariff.ts";

/** Puts the tie in force for slots from `from` on, until a later entry takes over; one of the same `from` is replaced. */
export function setTie(state: State, { from, tie }: SetTie): Outcome {
  const { closedThrough, ties, rules } = state;
  if (rules.node?.above !== "market") return refuse({ code: "NO_MARKET_ABOVE" });
  if (!isMarketSlot(rules, from)) return refuse({ code: "SLOT_MISALIGNED", slot: from });
  const faulty = tie === null ? null : refuseTie(tie);
  if (faulty !== null) return refuse(faulty);
  if (closedThrough !== null && from <= closedThrough) return refuse({ code: "TIE_IN_THE_PAST", from, closedThrough });
  const replaces = ties.some((entry) => entry.from === from);
  if (!replaces && ties.length >= TIES_MAX) return refuse({ code: "TIES_TOO_MANY", most: TIES_MAX });

  insertTariff(ties, { from, tie });
  return accept({ type: "TieSet", from, tie });
}

/** What is wrong with the tie itself. */
export function refuseTie({ importLimit, exportLimit, feeIn, feeOut, loss }: Tie): TieRefusal | null {
  for (const limit of [importLimit, exportLimit]) {
    if (limit !== null && (limit < 0 || limit > ENERGY_MAX))
      return { code: "TIE_LIMIT_OUT_OF_RANGE", limit, most: ENERGY_MAX };
  }
  for (const fee of [feeIn, feeOut]) {
    if (greatest(fee, minus(priceMicro(0), fee)) > PRICE_MAX)
      return { code: "TIE_FEE_OUT_OF_RANGE", fee, most: PRICE_MAX };
  }
  return loss < 0 || loss > LOSS_MAX ? { code: "TIE_LOSS_OUT_OF_RANGE", loss, most: LOSS_MAX } : null;
}
