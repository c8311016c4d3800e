export { auditFiles, type AuditChoice, type NamedText } from "./audit-file.ts";
export { readBookFile } from "./book-file.ts";
export { readEngineAnswer, type EngineAnswer } from "./conformance-answer.ts";
export { type ConformanceCase } from "./conformance-case.ts";
export { loadConformancePack } from "./conformance-pack.ts";
export {
  CONFORMANCE_PROPERTIES,
  failed,
  passed,
  type ConformanceCheck,
  type ConformanceProperty,
} from "./conformance-property.ts";
export { judgeAgain, judgeAnswer, propertiesOf } from "./conformance-verdict.ts";
export { type InputFile } from "./input-store.ts";
export { type BookFile } from "./mechanism.ts";
export { programIdentity, type ProgramIdentity } from "./program-identity.ts";
export { qualityLines } from "./quality-text.ts";
export { type QualityReport, type SeriesQuality } from "./quality-report.ts";
export { kpisText, openResultDirectory, type ResultDirectory, type RunRecord } from "./result-directory.ts";
export { MANIFEST_FILE, MANIFEST_FORMAT } from "./result-target.ts";
export { reverseOrders } from "./reversed-book.ts";
export { loadScenario, type LoadedScenario } from "./scenario-file.ts";
export { scenarioHash } from "./scenario-hash.ts";
export { scenarioSchemaText, type OutputChoice } from "./scenario-schema.ts";
export { type OutputFile } from "./table-file.ts";
export { readTraderScenario } from "./trader-scenario-file.ts";
export { bandComplaint, identifierAt, readMarketRules } from "./market-rules.ts";
export { complain, type MarketReading } from "./scenario-reading.ts";
export { bid, choice, duration, limit, marketSection, pattern, price } from "./scenario-schema.ts";
export { priceAt } from "./level-series.ts";
export {
  DURATION_PATTERN,
  ENERGY_PATTERN,
  POWER_PATTERN,
  PRICE_PATTERN,
  readAmount,
  readDuration,
  readQuantity,
} from "./quantity-text.ts";
export { shareAt } from "./settlement-section.ts";
export { instantsOfWall, wallAt, zoneClock, type ZoneClock } from "./zone-clock.ts";
export { amount, share } from "./settlement-schema.ts";
export { readNetworkFile } from "./network-file.ts";
export { type NetworkFile } from "./network.ts";
