export { refuseAccess, TOKEN_LENGTH_MIN, type AccessOptions, type StartRefusal } from "./access.ts";
export {
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
