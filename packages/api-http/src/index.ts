export { refuseAccess, TOKEN_LENGTH_MIN, type AccessOptions, type StartRefusal } from "./access.ts";
export type { TokenIssuer } from "./access/access-token.ts";
export { AUTH_REASONS, authRefusal, type AuthReason } from "./access/auth-refusal.ts";
export { authorise } from "./access/authorise.ts";
export { fingerprintOf, type CertificateRule } from "./access/certificate.ts";
export { challengeText } from "./access/challenge.ts";
export { keysAtUrl, keysInText, type IssuerKeys } from "./access/issuer-keys.ts";
export {
  createAccessRegistry,
  OPERATOR,
  type AccessEvent,
  type AdministeredRegistry,
  type PrincipalEntry,
  type PrincipalStanding,
  type RegistryInit,
  type TokenRule,
} from "./access/memory-registry.ts";
export {
  CHALLENGE_PURPOSE,
  EVERY_PARTY,
  OPERATOR_ID,
  SCOPES,
  type AccessRegistry,
  type AuthMethod,
  type AuthRefusal,
  type AuthRefusalCode,
  type Challenge,
  type ChallengeAnswer,
  type Credential,
  type IssuedSecret,
  type PartyGrant,
  type Pass,
  type PassEnd,
  type Principal,
  type PrincipalLimits,
  type RateMeter,
  type Scope,
  type ScopeRefusal,
  type SessionSeat,
  type ShownCertificate,
} from "./access/principal.ts";
export { DEFAULT_RATES } from "./access/rate-meters.ts";
export { recognise, shownBy, type Shown } from "./access/recognise.ts";
export { memoryRevocations, type Revocation, type RevocationStore } from "./access/revocations.ts";
export { readSigningKey } from "./access/signing-key.ts";
export { refuseTls, type TlsOptions, type TlsRefusal } from "./access/tls.ts";
export { BUCKET_NAMES, type BucketName, type RateRule, type RateVerdict } from "./access/token-bucket.ts";
export {
  homeUnknown,
  type ControlDesk,
  type ControlView,
  type ControlWrite,
  type DeskRefusal,
  type ReadDevice,
  type ReadRefusal,
  type SiteLimitView,
  type StopView,
} from "./control-desk.ts";
export type { StreamOptions } from "./event-streams.ts";
export type { CheckResult, HealthProbes } from "./health.ts";
export type { LinkReport } from "./link-metrics.ts";
export { createReadModel, type ReadModel, type ReadModelInit } from "./memory-read-model.ts";
export type { MetricsRecorder, MetricSources } from "./metrics.ts";
export type { MarketClock } from "./moment.ts";
export { PARTIES_MIN, type IndicativeSource, type OpenBook } from "./open-slot.ts";
export { PROBLEMS, type ProblemCode } from "./problem.ts";
export type {
  Dated,
  DeviceDescription,
  DeviceObserved,
  DeviceProfile,
  DeviceRecord,
  LinkFigures,
  MarketReadModel,
  News,
  NewsListener,
  NumberedNews,
  PartyRecord,
  SlotQuery,
  SlotRecord,
  TimeRange,
} from "./read-model.ts";
export {
  startApi,
  startDiagnostic,
  type ApiOptions,
  type ApiServer,
  type ListeningServer,
  type ListenOptions,
} from "./server.ts";
export {
  CheckStatus,
  CONTROL_LOCKS,
  CONTROL_PHASES,
  ControlItem,
  ControlList,
  ControlNews,
  DeviceList,
  Health,
  LiveEvent,
  MarketView,
  OpenSlot,
  PartyList,
  PartyPosition,
  PartyStatement,
  Phase,
  PointReading,
  Problem,
  SiteLimit,
  SlotBook,
  SlotDetail,
  SlotNode,
  SlotPage,
  SlotSummary,
  Snapshot,
  StopAnswer,
  TieView,
  type ControlPhase,
  type StatementLine,
} from "@micromarket/protocol";
export type { BookLevel, LevelSource } from "./socket/public-channels.ts";
export { SOCKET_LIMITS, type SocketLimits } from "./socket/socket-limits.ts";
export type { TradingDesk } from "./socket/trading-desk.ts";
export type { TradingOptions } from "./socket/trading-service.ts";
