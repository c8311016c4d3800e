/** Whether a market can be founded on its rules. */
import { DAY, isIdentifier, type PriceMicro, type WattHours } from "@micromarket/kernel";
import { PublicKey } from "@micromarket/identity";
import { checkRules, type RulesProblem } from "@micromarket/market";
import { ENERGY_MAX, HORIZON_MAX, PRICE_MAX, PRICE_MIN, SESSION_GRACE_MAX, SESSIONS_PER_PARTY_MAX } from "./limits.ts";
import { NODE_DEFAULTS, RULES_VERSION, SESSION_DEFAULTS, type MarketRules } from "./rules.ts";
import { areSettlementRulesSound } from "./settlement-rules.ts";

/** What is wrong with founding rules, in the order in which it is looked for; the auction's own problems come after the horizon's. */
export type MarketRulesProblem =
  /** Not the version that this build applies. */
  | "RULES_VERSION_UNSUPPORTED"
  /** Market or residual counterparty have no proper identifier. */
  | "IDENTIFIER_MALFORMED"
  /** Not three capital letters. */
  | "CURRENCY_MALFORMED"
  /** Not longer than nothing and at most a day. */
  | "SLOT_LENGTH_OUT_OF_RANGE"
  | "GATE_LEAD_NEGATIVE"
  /** Not longer than the gate lead, so that no tender could ever be taken, or longer than `HORIZON_MAX`. */
  | "HORIZON_OUT_OF_RANGE"
  | RulesProblem
  /** Floor or cap lie beyond `PRICE_MIN` or `PRICE_MAX`. */
  | "BAND_TOO_WIDE"
  /** Import or export limit are negative or above `ENERGY_MAX`. */
  | "TIE_LIMIT_OUT_OF_RANGE"
  /** Fewer than 2 steps of a position, or a negative number of members. */
  | "NODE_RULES_OUT_OF_RANGE"
  /** Worst cases need a floor and a cap of the price. */
  | "SETTLEMENT_NEEDS_BAND"
  /** A negative levy or limit, a levy without a proper name or twice, or readings that are late after their last moment. */
  | "SETTLEMENT_RULES_OUT_OF_RANGE"
  /** A negative grace, no session for anybody, or more than `SESSION_GRACE_MAX` or `SESSIONS_PER_PARTY_MAX`. */
  | "SESSION_RULES_OUT_OF_RANGE"
  /** Not the did:key of a point of secp256k1. */
  | "OPERATOR_MALFORMED"
  /** A signed market that nobody may tell who takes part. */
  | "OPERATOR_MISSING";

/** The first problem of `rules`, or `null`. */
export function checkMarketRules(rules: MarketRules): MarketRulesProblem | null {
  const { auction, residual } = rules;
  if (rules.rulesVersion !== RULES_VERSION) return "RULES_VERSION_UNSUPPORTED";
  if (!isIdentifier(rules.market) || !isIdentifier(residual.party)) return "IDENTIFIER_MALFORMED";
  if (!/^[A-Z]{3}$/.test(rules.currency)) return "CURRENCY_MALFORMED";
  if (rules.slotLength <= 0 || rules.slotLength > DAY) return "SLOT_LENGTH_OUT_OF_RANGE";
  if (rules.gateLead < 0) return "GATE_LEAD_NEGATIVE";
  if (rules.horizon <= rules.gateLead || rules.horizon > HORIZON_MAX) return "HORIZON_OUT_OF_RANGE";
  const problem = checkRules(auction);
  if (problem !== null) return problem;
  if (isBeyondPriceMax(auction.priceFloor) || isBeyondPriceMax(auction.priceCap)) return "BAND_TOO_WIDE";
  if (!isTieLimit(residual.importLimit) || !isTieLimit(residual.exportLimit)) return "TIE_LIMIT_OUT_OF_RANGE";
  const { positionSteps, membersMin } = rules.node ?? NODE_DEFAULTS;
  if ((positionSteps ?? 2) < 2 || membersMin < 0) return "NODE_RULES_OUT_OF_RANGE";
  const { settlement } = rules;
  if (settlement !== undefined && (auction.priceFloor === null || auction.priceCap === null))
    return "SETTLEMENT_NEEDS_BAND";
  if (settlement !== undefined && !areSettlementRulesSound(settlement)) return "SETTLEMENT_RULES_OUT_OF_RANGE";
  const { graceSlots, perParty } = rules.sessions ?? SESSION_DEFAULTS;
  if (graceSlots < 0 || graceSlots > SESSION_GRACE_MAX || perParty < 1 || perParty > SESSIONS_PER_PARTY_MAX)
    return "SESSION_RULES_OUT_OF_RANGE";
  if (rules.operator !== undefined && !PublicKey.fromDid(rules.operator).ok) return "OPERATOR_MALFORMED";
  return rules.identity === "signed" && rules.operator === undefined ? "OPERATOR_MISSING" : null;
}

function isBeyondPriceMax(price: PriceMicro | null): boolean {
  return price !== null && (price > PRICE_MAX || price < PRICE_MIN);
}

function isTieLimit(energy: WattHours): boolean {
  return energy >= 0 && energy <= ENERGY_MAX;
}
