/** Reads how a market is paid and settled. */
import { DAY, HOUR, partsPerMillion, priceMicro, times, type PartsPerMillion } from "@micromarket/kernel";
import type { Funding, ImbalanceRules, Levy, MarketRules, SettlementRules } from "@micromarket/engine";
import type { AuctionRules } from "@micromarket/market";
import type { YamlPath } from "@micromarket/yaml-files";
import { priceAt } from "./level-series.ts";
import { readAmount, readDuration, readScaled } from "./quantity-text.ts";
import { complain, type MarketReading } from "./scenario-reading.ts";

type SettlementFile = NonNullable<MarketReading["file"]["market"]["settlement"]>;

const PATH: YamlPath = ["market", "settlement"];
const BOND_BY_DEFAULT = 100_000;
const READINGS_DUE_BY_DEFAULT = HOUR;
const TRUE_UP_BY_DEFAULT = times(DAY, 60);

/** The rules of settlement as a part of the market's; an empty one where the file says nothing of it. */
export function readSettlement(reading: MarketReading, auction: AuctionRules): Pick<MarketRules, "settlement"> | null {
  const { settlement } = reading.file.market;
  if (settlement === undefined) return {};
  const before = reading.problems.count();
  if (auction.priceFloor === null || auction.priceCap === null) {
    const what = "what a tender may cost at most needs a lowest and a highest price";
    const mend = "add market.priceFloor and market.priceCap";
    complain(reading, PATH, { code: "SETTLEMENT_NEEDS_BAND", what, mend });
  }
  const rules = rulesOf(reading, settlement);
  if (rules.trueUp < rules.readingsDue) {
    const what = "readings that are estimated only after the last moment for a real one";
    const mend = "lengthen trueUp, or shorten readingsDue";
    complain(reading, PATH, { code: "TRUE_UP_BEFORE_ESTIMATE", what, mend });
  }
  return reading.problems.count() > before ? null : { settlement: rules };
}

function rulesOf(reading: MarketReading, file: SettlementFile): SettlementRules {
  const { readingsDue, trueUp } = file;
  return {
    funding: fundingOf(reading, file.funding),
    bond: file.bond === undefined ? partsPerMillion(BOND_BY_DEFAULT) : shareAt(reading, [...PATH, "bond"]),
    imbalance: imbalanceOf(reading, file.imbalance ?? "dual"),
    levies: leviesOf(reading, file.levies ?? {}),
    readingsDue: readingsDue === undefined ? READINGS_DUE_BY_DEFAULT : readDuration(readingsDue),
    trueUp: trueUp === undefined ? TRUE_UP_BY_DEFAULT : readDuration(trueUp),
  };
}

function fundingOf(reading: MarketReading, funding: SettlementFile["funding"]): Funding {
  if (funding === "prepaid") return { kind: "prepaid" };
  const path = [...PATH, "funding"];
  if ("creditLine" in funding) {
    const isBacked = funding.creditLine.collateral !== undefined;
    const collateral = isBacked ? shareAt(reading, [...path, "creditLine", "collateral"]) : partsPerMillion(0);
    return { kind: "credit-line", collateral };
  }
  const limit = readAmount(funding.mutual.limit, reading.file.market.currency);
  if (limit.ok && limit.value >= 0n) return { kind: "mutual", limit: limit.value };
  const negative = { code: "AMOUNT_NEGATIVE", what: "a limit below 0", mend: "write what everybody may owe" };
  complain(reading, [...path, "mutual", "limit"], limit.ok ? negative : limit.error);
  return { kind: "prepaid" };
}

function imbalanceOf(reading: MarketReading, imbalance: NonNullable<SettlementFile["imbalance"]>): ImbalanceRules {
  if (typeof imbalance === "string") return { kind: imbalance };
  return { kind: "penalty", share: shareAt(reading, [...PATH, "imbalance", "penalty"]) };
}

function leviesOf(reading: MarketReading, levies: Readonly<Record<string, string>>): readonly Levy[] {
  return Object.entries(levies).flatMap(([name, text]) => {
    const path = [...PATH, "levies", name];
    const price = priceAt(reading, path, text);
    if (price === null) return [];
    if (price >= 0) return [{ name, price: priceMicro(price) }];
    complain(reading, path, { code: "LEVY_NEGATIVE", what: `a levy of ${text}`, mend: "write what is to be paid" });
    return [];
  });
}

/** The share at `path`, read from its text; one that keeps more than six digits is a problem. */
export function shareAt(reading: Pick<MarketReading, "yaml" | "problems">, path: YamlPath): PartsPerMillion {
  const share = readScaled(reading.yaml.sourceOf(path) ?? "", 6);
  if (share.ok) return partsPerMillion(Number(share.value));
  complain(reading, path, share.error);
  return partsPerMillion(0);
}
