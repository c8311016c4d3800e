/** Judges an engine's answers to one case: what the case expects, and for uniform books what the auditor says. */
import { compareText, formatDecimal } from "@micromarket/kernel";
import type { AnsweredFill, AnsweredTrade, EngineAnswer } from "./conformance-answer.ts";
import { auditAnswer, AUDITED_PROPERTIES } from "./conformance-audit.ts";
import type { Bounds, ConformanceCase, ExpectedTrade } from "./conformance-case.ts";
import { failed, notStated, passed, type ConformanceCheck, type ConformanceProperty } from "./conformance-property.ts";
import { surplusOfFills } from "./conformance-surplus.ts";

/** The properties that a case is about; an engine that does not answer fails them all. */
export function propertiesOf(entry: ConformanceCase): readonly ConformanceProperty[] {
  const { expectation, also, mechanism } = entry;
  if (entry.answer === "refusal") return ["refused"];
  const isUniform = mechanism === "uniform";
  return [
    "answered",
    "digits",
    ...(isUniform ? AUDITED_PROPERTIES : []),
    ...EXPECTED.filter(([, member]) => expectation[member] !== undefined).map(([property]) => property),
    ...(expectation.buyerPrice === undefined ? [] : (["sidePrices"] as const)),
    ...(expectation.rejected === undefined ? [] : (["rejectionCodes"] as const)),
    ...(also.includes("permute") ? (["permutation"] as const) : []),
    ...(also.includes("repeat") ? (["repetition"] as const) : []),
  ];
}

/** Judges the answer to the book itself; `propertiesOf` without the extra runs and without `answered`. */
export function judgeAnswer(entry: ConformanceCase, answer: EngineAnswer): readonly ConformanceCheck[] {
  const { expectation, mechanism } = entry;
  const expected = EXPECTED.filter(([, member]) => expectation[member] !== undefined);
  return [
    digitsCheck(answer),
    ...(mechanism === "uniform" ? auditAnswer(entry, answer) : []),
    ...expected.map(([, , check]) => check(entry, answer)),
    ...(expectation.buyerPrice === undefined ? [] : [sidePricesCheck(entry, answer)]),
    ...(expectation.rejected === undefined ? [] : [rejectionCodesCheck(entry, answer)]),
  ];
}

/** Whether a second answer says the same as the first: price, volume and who got what. */
export function judgeAgain(
  property: "permutation" | "repetition",
  { scale }: ConformanceCase,
  first: EngineAnswer,
  second: EngineAnswer,
): ConformanceCheck {
  const [before, after] = [linesOf(first, scale), linesOf(second, scale)];
  const index = before.findIndex((line, place) => line !== after[place]);
  if (index < 0 && before.length === after.length) return passed(property);
  const place = index < 0 ? before.length : index;
  return failed(property, before[place] ?? "no further fill", after[place] ?? "no further fill");
}

function linesOf({ price, buyerPrice, sellerPrice, fills }: EngineAnswer, scale: number): readonly string[] {
  const number = (value: bigint | null): string => textOf(value, scale);
  const lines = fills
    .filter(({ quantity }) => quantity !== 0n)
    .map(({ id, quantity }) => `${id} gets ${number(quantity)}`);
  return [`price ${number(price)} (${number(buyerPrice)}, ${number(sellerPrice)})`, ...lines.sort(compareText)];
}

type Check = (entry: ConformanceCase, answer: EngineAnswer) => ConformanceCheck;

const EXPECTED: readonly (readonly [ConformanceProperty, keyof ConformanceCase["expectation"], Check])[] = [
  ["price", "priceInterval", priceCheck],
  ["priceAtK", "priceAtK", priceAtKCheck],
  ["volume", "quantity", volumeCheck],
  ["surplus", "surplus", surplusCheck],
  ["scarcity", "scarcity", scarcityCheck],
  ["rejections", "rejected", rejectionsCheck],
  ["orders", "fills", ordersCheck],
  ["sequence", "trades", sequenceCheck],
];

function digitsCheck({ imprecise }: EngineAnswer): ConformanceCheck {
  const [first] = imprecise;
  if (first === undefined) return passed("digits");
  const others = imprecise.length > 1 ? ` (and ${imprecise.length - 1} more)` : "";
  return failed("digits", "no more digits than the book's scale", `${first}${others}`);
}

function priceCheck({ expectation, scale }: ConformanceCase, answer: EngineAnswer): ConformanceCheck {
  const { low, high } = expectation.priceInterval ?? { low: null, high: null };
  const expected = `in [${textOf(low, scale)}, ${textOf(high, scale)}]`;
  const { price } = answer;
  if (price === null) {
    const mustTrade = (expectation.quantity?.least ?? 0n) > 0n;
    return mustTrade ? failed("price", expected, "no price") : passed("price");
  }
  const isInside = (low === null || price >= low) && (high === null || price <= high);
  return isInside ? passed("price") : failed("price", expected, textOf(price, scale));
}

/** Without a trade there is nothing to price; an engine that leaves out trades without gain has no price either. */
function priceAtKCheck({ expectation, scale }: ConformanceCase, answer: EngineAnswer): ConformanceCheck {
  const expected = expectation.priceAtK ?? null;
  const mayBeNone = (expectation.quantity?.least ?? 0n) === 0n;
  if (answer.price === expected || (answer.price === null && mayBeNone)) return passed("priceAtK");
  return failed("priceAtK", textOf(expected, scale), textOf(answer.price, scale));
}

function volumeCheck({ expectation, scale }: ConformanceCase, answer: EngineAnswer): ConformanceCheck {
  const bounds = expectation.quantity ?? { least: 0n, most: 0n };
  const volume = answer.quantity ?? volumeOf(answer);
  return isWithin(volume, bounds)
    ? passed("volume")
    : failed("volume", boundsText(bounds, scale), textOf(volume, scale));
}

/** What an answer without a stated volume amounts to: half of what is bought and sold. */
function volumeOf({ fills, trades }: EngineAnswer): bigint {
  if (fills.length === 0 && trades !== undefined) return trades.reduce((sum, { quantity }) => sum + quantity, 0n);
  return fills.reduce((sum, { quantity }) => sum + quantity, 0n) / 2n;
}

function surplusCheck(entry: ConformanceCase, { fills }: EngineAnswer): ConformanceCheck {
  const expected = entry.expectation.surplus ?? 0n;
  const found = surplusOfFills(entry, fills);
  const digits = 2 * entry.scale;
  return found === expected
    ? passed("surplus")
    : failed("surplus", formatDecimal(expected, digits), formatDecimal(found, digits));
}

function scarcityCheck({ expectation }: ConformanceCase, { stated, scarcity }: EngineAnswer): ConformanceCheck {
  const expected = expectation.scarcity ?? null;
  if (expected === null && !stated.has("scarcity")) return passed("scarcity");
  if (scarcity === expected) return passed("scarcity");
  return failed("scarcity", String(expected), stated.has("scarcity") ? JSON.stringify(scarcity) : "no flag");
}

function rejectionsCheck({ expectation }: ConformanceCase, { rejected }: EngineAnswer): ConformanceCheck {
  if (rejected === undefined) return notStated("rejections");
  const [expected, found] = [idsOf(expectation.rejected ?? []), idsOf(rejected)];
  return expected === found ? passed("rejections") : failed("rejections", expected, found);
}

function idsOf(list: readonly { readonly id: string }[]): string {
  const ids = [...new Set(list.map(({ id }) => id))].sort(compareText);
  return ids.length === 0 ? "nobody" : ids.join(", ");
}

function rejectionCodesCheck({ expectation }: ConformanceCase, { rejected = [] }: EngineAnswer): ConformanceCheck {
  const codes = new Map((expectation.rejected ?? []).map(({ id, code }) => [id, code]));
  const coded = rejected.filter(({ id, code }) => code !== null && codes.has(id));
  if (coded.length === 0) return notStated("rejectionCodes");
  const wrong = coded.find(({ id, code }) => code !== codes.get(id));
  if (wrong === undefined) return passed("rejectionCodes");
  return failed("rejectionCodes", `${wrong.id}: ${codes.get(wrong.id) ?? ""}`, `${wrong.id}: ${wrong.code ?? ""}`);
}

function ordersCheck({ expectation, scale }: ConformanceCase, { fills }: EngineAnswer): ConformanceCheck {
  const filled = filledById(fills);
  const bounds = expectation.fills ?? new Map<string, Bounds>();
  const ids = [...new Set([...bounds.keys(), ...filled.keys()])];
  const wrong = ids.find((id) => !isWithin(filled.get(id) ?? 0n, bounds.get(id) ?? { least: 0n, most: 0n }));
  if (wrong === undefined) return passed("orders");
  const expected = boundsText(bounds.get(wrong) ?? { least: 0n, most: 0n }, scale);
  return failed("orders", `${wrong} ${expected}`, textOf(filled.get(wrong) ?? 0n, scale));
}

function filledById(fills: readonly AnsweredFill[]): ReadonlyMap<string, bigint> {
  const filled = new Map<string, bigint>();
  for (const { id, quantity } of fills) filled.set(id, (filled.get(id) ?? 0n) + quantity);
  return filled;
}

function sidePricesCheck({ expectation, scale }: ConformanceCase, answer: EngineAnswer): ConformanceCheck {
  const { buyerPrice = null, sellerPrice = null } = expectation;
  if (answer.buyerPrice === buyerPrice && answer.sellerPrice === sellerPrice) return passed("sidePrices");
  const words = (buyer: bigint | null, seller: bigint | null): string =>
    `buyers ${textOf(buyer, scale)}, sellers ${textOf(seller, scale)}`;
  return failed("sidePrices", words(buyerPrice, sellerPrice), words(answer.buyerPrice, answer.sellerPrice));
}

/** The trades in their order: who, with whom, how much, at what price. */
function sequenceCheck({ expectation, scale }: ConformanceCase, { trades }: EngineAnswer): ConformanceCheck {
  if (trades === undefined) return notStated("sequence");
  const [expected, found] = [tradeLines(expectation.trades ?? [], scale), tradeLines(trades, scale)];
  const longer = expected.length > found.length ? expected : found;
  const index = longer.findIndex((_, place) => expected[place] !== found[place]);
  if (index < 0) return passed("sequence");
  return failed("sequence", expected[index] ?? "no further trade", found[index] ?? "no further trade");
}

function tradeLines(trades: readonly (ExpectedTrade | AnsweredTrade)[], scale: number): readonly string[] {
  return trades.map(
    ({ buy, sell, quantity, price }) => `${buy} from ${sell}: ${textOf(quantity, scale)} at ${textOf(price, scale)}`,
  );
}

function isWithin(value: bigint, { least, most }: Bounds): boolean {
  return least <= value && value <= most;
}

function boundsText({ least, most }: Bounds, scale: number): string {
  return least === most ? textOf(least, scale) : `${textOf(least, scale)} to ${textOf(most, scale)}`;
}

function textOf(value: bigint | null, scale: number): string {
  return value === null ? "none" : formatDecimal(value, scale);
}
