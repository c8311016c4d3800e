export { apportion } from "./apportion.ts";
export { assert, AssertionFailure, unreachable } from "./assert.ts";
export { canonicalText, type CanonicalValue } from "./canonical.ts";
export { energyOfSeries, roundQuotient } from "./cumulative.ts";
export {
  decodeAs,
  decodeBigint,
  decodeBoolean,
  decodeCanonical,
  decodeChecked,
  decodeInteger,
  decodeList,
  decodeNullable,
  decodeObject,
  decodeOneOf,
  decodePair,
  decodeText,
  malformed,
  type Decoded,
  type DecodeFailure,
  type Decoder,
} from "./decode.ts";
export { formatDecimal, parseDecimal, type DecimalFailure } from "./decimal.ts";
export {
  hashCanonical,
  hashHex,
  hashOfDigest,
  hashText,
  sha256InJavaScript,
  type HashHex,
  type Sha256,
} from "./hash.ts";
export {
  IDENTIFIER_LENGTH_MAX,
  isIdentifier,
  marketId,
  partyId,
  tenderId,
  type MarketId,
  type PartyId,
  type TenderId,
} from "./id.ts";
export { formatInstant, parseInstant } from "./instant.ts";
export { splitLoss } from "./loss.ts";
export { measured, missing, valueOr, type Measurement, type MissingReason } from "./measurement.ts";
export { compareText } from "./order.ts";
export {
  formatProblem,
  problemLog,
  PROBLEMS_PER_FILE_MAX,
  type Complaint,
  type InputProblem,
  type Place,
  type ProblemLog,
} from "./problem.ts";
export {
  amountNano,
  durationMs,
  energyOfPower,
  floorDivide,
  greatest,
  instantMs,
  isMultiple,
  least,
  minus,
  minusAmount,
  partsPerMillion,
  plus,
  plusAmount,
  priceMicro,
  times,
  tradeValue,
  wattHours,
  watts,
  type AmountNano,
  type DurationMs,
  type InstantMs,
  type IntegerQuantity,
  type PartsPerMillion,
  type PriceMicro,
  type WattHours,
  type Watts,
} from "./quantities.ts";
export { fail, ok, type Result } from "./result.ts";
export {
  DAY,
  HOUR,
  isSlotStart,
  MINUTE,
  SECOND,
  slotAfter,
  slotAt,
  slotEnd,
  slotName,
  stepsIn,
  type Slot,
} from "./slot.ts";
export { randomStream, type RandomStream } from "./stream.ts";
export { nearest, suggest } from "./suggestion.ts";
