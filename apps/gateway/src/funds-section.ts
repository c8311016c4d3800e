/** Reads what homes and those without a meter have paid in, and what they are lent. */
import { complain, identifierAt, readAmount } from "@micromarket/data-files";
import type { MarketRules } from "@micromarket/engine";
import { compareText, partyId, suggest, type AmountNano } from "@micromarket/kernel";
import type { YamlPath } from "@micromarket/yaml-files";
import type { GatewayReading } from "./clock-section.ts";
import type { Deposit } from "./gateway-config.ts";

/** The payments, each with a reference of its own. */
export function readDeposits(reading: GatewayReading): readonly Deposit[] {
  const { deposits = [], homes, parties = [] } = reading.file;
  const names = [...homes, ...parties].map(({ id }) => id).sort(compareText);
  const used = new Set<string>();
  return deposits.flatMap(({ home, amount: text, reference }, index) => {
    const path = ["deposits", index];
    if (!names.includes(home)) {
      const what = `there is no home "${home}", nor one of parties`;
      return complain(reading, [...path, "home"], { code: "HOME_UNKNOWN", what, mend: suggest(home, names) }) ?? [];
    }
    if (used.has(reference)) {
      const what = `"${reference}" names two payments`;
      const mend = "give each payment a name of its own, such as its number at the bank";
      return complain(reading, [...path, "reference"], { code: "REFERENCE_TWICE", what, mend }) ?? [];
    }
    used.add(reference);
    const amount = amountAt(reading, [...path, "amount"], text, 1n);
    if (identifierAt(reading, [...path, "reference"], reference) === null || amount === null) return [];
    return [{ party: partyId(home), amount, reference }];
  });
}

/** A party's line of credit. */
export function readCreditLine(
  reading: GatewayReading,
  path: YamlPath,
  text: string,
  rules: MarketRules | null,
): AmountNano | null {
  if (rules !== null && rules.settlement?.funding.kind !== "credit-line") {
    const what = "a line of credit in a market that does not lend";
    const mend = "set market.settlement.funding to creditLine, or leave this out";
    return complain(reading, path, { code: "CREDIT_NOT_RULED", what, mend });
  }
  return amountAt(reading, path, text, 0n);
}

function amountAt(reading: GatewayReading, path: YamlPath, text: string, least: bigint): AmountNano | null {
  const amount = readAmount(text, reading.file.market.currency);
  if (!amount.ok) return complain(reading, path, amount.error);
  if (amount.value >= least) return amount.value;
  const what = `an amount of ${text}`;
  return complain(reading, path, { code: "AMOUNT_OUT_OF_RANGE", what, mend: "write a positive amount" });
}
