export { refuseAccess, TOKEN_LENGTH_MIN, type AccessOptions, type StartRefusal } from "./access.ts";
export {
  CONTROL_LOCKS,
  CONTROL_PHASES,
  type ControlDesk,
  type ControlPhase,
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
export { ControlItem, ControlList, ControlNews, SiteLimit, StopAnswer } from "./wire/control-schema.ts";
export { LiveEvent } from "./wire/event-schema.ts";
export { DeviceList, MarketView, PointReading, Snapshot } from "./wire/market-schema.ts";
export { OpenSlot } from "./wire/open-slot-schema.ts";
export { PartyList, PartyPosition, PartyStatement, type StatementLine } from "./wire/party-schema.ts";
export { CheckStatus, Health, Problem } from "./wire/service-schema.ts";
export { SlotNode, TieView } from "./wire/tie-schema.ts";
export { Phase, SlotBook, SlotDetail, SlotPage, SlotSummary } from "./wire/slot-schema.ts";
