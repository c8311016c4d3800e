/** Reads what homes have paid in and may owe, and what their meters are like. All of it takes a market with settlement. */
import type { AmountNano, PartsPerMillion } from "@micromarket/kernel";
import { partsPerMillion } from "@micromarket/kernel";
import type { Home, MeterQuality } from "@micromarket/simulation";
import type { YamlPath } from "@micromarket/yaml-files";
import { readAmount } from "./quantity-text.ts";
import { complain, type ScenarioReading } from "./scenario-reading.ts";
import type { FundsText } from "./scenario-schema.ts";
import { shareAt } from "./settlement-section.ts";

/** Amounts that the value at `path` names; what is wrong with them is logged, and left out. */
export function readFunds(
  reading: ScenarioReading,
  path: YamlPath,
  { deposit, creditLine }: FundsText,
): Pick<Home, "deposit" | "creditLine"> {
  const { settlement } = reading.file.market;
  const paid = deposit === undefined ? null : amountAt(reading, [...path, "deposit"], deposit);
  const lent = creditLine === undefined ? null : amountAt(reading, [...path, "creditLine"], creditLine);
  if (lent !== null && (typeof settlement?.funding !== "object" || !("creditLine" in settlement.funding))) {
    const what = "a line of credit in a market that does not lend";
    const mend = "set market.settlement.funding to creditLine, or leave this out";
    complain(reading, [...path, "creditLine"], { code: "CREDIT_NOT_RULED", what, mend });
  }
  return { ...(paid !== null && { deposit: paid }), ...(lent !== null && { creditLine: lent }) };
}

/** The section `meters`; nothing where there is none. */
export function readMeters(reading: ScenarioReading): { readonly meters?: MeterQuality } {
  const { meters } = reading.file;
  if (meters === undefined || !hasSettlement(reading, ["meters"])) return {};
  const share = (key: "noise" | "gaps"): PartsPerMillion =>
    meters[key] === undefined ? partsPerMillion(0) : shareAt(reading, ["meters", key]);
  return { meters: { noise: share("noise"), gaps: share("gaps") } };
}

function amountAt(reading: ScenarioReading, path: YamlPath, text: string): AmountNano | null {
  if (!hasSettlement(reading, path)) return null;
  const amount = readAmount(text, reading.file.market.currency);
  if (!amount.ok) return complain(reading, path, amount.error);
  if (amount.value >= 0n) return amount.value;
  return complain(reading, path, {
    code: "AMOUNT_OUT_OF_RANGE",
    what: `an amount of ${text}`,
    mend: "write an amount that is not negative",
  });
}

function hasSettlement(reading: ScenarioReading, path: YamlPath): boolean {
  if (reading.file.market.settlement !== undefined) return true;
  const what = "the market posts its trades at once, and asks neither for funds nor for counters";
  complain(reading, path, { code: "SETTLEMENT_MISSING", what, mend: "add market.settlement, or leave this out" });
  return false;
}
