/**
 * Taking in what the market above booked to this market's account beyond the awards: deviations at the tie, levies,
 * penalties, adjustments. The tie party's account stays the mirror of that account; the other side is `imbalance`,
 * against which members settled their own deviations, so that what is left there is what the two tariffs differ by.
 *
 * An award that came too late, or not at all, binds this market above all the same: what it is worth is booked with the
 * statement of its slot.
 *
 * Statements come one after the other: each names the one before it, so that none is taken twice and none is missed.
 *
 * Precedence: NO_MARKET_ABOVE, SLOT_MISALIGNED, STATEMENT_OUT_OF_TURN, STATEMENT_NUMBER_NOT_RISING, STATEMENT_TOO_EARLY,
 * STATEMENT_TOO_LARGE.
 */
import { plusAmount, type InstantMs } from "@micromarket/kernel";
import { IMBALANCE, partyAccount } from "./accounts.ts";
import type { SettleTie } from "./command.ts";
import { endOfSlot, isMarketSlot } from "./gate.ts";
import { AMOUNT_MAX } from "./limits.ts";
import { accept, refuse, type Outcome } from "./outcome.ts";
import type { State } from "./state.ts";
import { flow, postAll } from "./transfers.ts";

/** Books the statement. */
export function settleTie(state: State, command: SettleTie, now: InstantMs): Outcome {
  const { slot, number, after, award } = command;
  const { rules, tieStatement: last } = state;
  if (rules.node?.above !== "market") return refuse({ code: "NO_MARKET_ABOVE" });
  if (!isMarketSlot(rules, slot)) return refuse({ code: "SLOT_MISALIGNED", slot });
  if (after !== last) return refuse({ code: "STATEMENT_OUT_OF_TURN", after, last });
  if (number <= after) return refuse({ code: "STATEMENT_NUMBER_NOT_RISING", number, after });
  const end = endOfSlot(rules, slot);
  if (now < end) return refuse({ code: "STATEMENT_TOO_EARLY", slot, end });
  if ([command.amount, award].some((amount) => amount > AMOUNT_MAX || -amount > AMOUNT_MAX))
    return refuse({ code: "STATEMENT_TOO_LARGE", most: AMOUNT_MAX });

  const isMissed = award !== 0n && state.awardsMissed.delete(slot);
  const amount = isMissed ? plusAmount(command.amount, award) : command.amount;
  const transfers = flow("money", partyAccount(rules.residual.party), IMBALANCE, amount, "imbalance");
  postAll(state.ledger, transfers);
  state.tieStatement = number;
  return accept({ type: "TieSettled", slot, number, amount, transfers });
}
