/**
 * How a market makes sure that trades are paid, and how it settles them by what the meters counted. A market founded
 * without these rules posts its trades when the gate closes, and lets balances go wherever they go.
 */
import type { AmountNano, DurationMs, PartsPerMillion, PriceMicro } from "@micromarket/kernel";

/** Where the money comes from that a party may promise. */
export type Funding =
  /** It was paid in before. */
  | { readonly kind: "prepaid" }
  /** Paid in, or lent up to a line of credit (`SetCreditLine`) of which the share `collateral` is kept aside. */
  | { readonly kind: "credit-line"; readonly collateral: PartsPerMillion }
  /** Everybody may owe the others as much without having paid in; payments serve to settle balances from time to time. */
  | { readonly kind: "mutual"; readonly limit: AmountNano };

/** At which price a party buys what it drew beyond what it had bought, and sells what it drew less. */
export type ImbalanceRules =
  /** One price for the slot: the parent's for the direction in which the market as a whole deviated. */
  | { readonly kind: "parent" }
  /** The parent's price for each party's own direction, never better than the slot's own price. */
  | { readonly kind: "dual" }
  /** The slot's own price; a share of the deviation's worth, of whatever direction, is paid as a penalty. */
  | { readonly kind: "penalty"; readonly share: PartsPerMillion };

/** What everybody pays per kWh that its meter imported, into an account of its own. */
export interface Levy {
  /** 1 to 32 lower-case letters, digits and hyphens. */
  readonly name: string;
  /** Not negative. */
  readonly price: PriceMicro;
}

/** What a market asks before a trade and does after it. */
export interface SettlementRules {
  readonly funding: Funding;
  /** What a seller sets aside as its bond: this share of the price cap for each kWh that it offers. */
  readonly bond: PartsPerMillion;
  readonly imbalance: ImbalanceRules;
  readonly levies: readonly Levy[];
  /** So long after a slot its missing readings may be estimated. */
  readonly readingsDue: DurationMs;
  /** So long after a slot a reading still sets its estimate right. */
  readonly trueUp: DurationMs;
}

/** Most levies of a market. */
export const LEVIES_MAX = 16;

/** Whether the rules make sense. */
export function areSettlementRulesSound({ funding, levies, readingsDue, trueUp }: SettlementRules): boolean {
  const names = new Set(levies.map(({ name }) => name));
  const areLeviesSound =
    levies.length <= LEVIES_MAX &&
    names.size === levies.length &&
    levies.every(({ name, price }) => /^[a-z0-9-]{1,32}$/.test(name) && price >= 0);
  return areLeviesSound && (funding.kind !== "mutual" || funding.limit >= 0n) && trueUp >= readingsDue;
}
