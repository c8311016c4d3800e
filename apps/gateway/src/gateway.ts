/**
 * One process, one microgrid's market node: devices, agents, market, journal and page, started and stopped as one.
 *
 * Invariants: nothing is traded before the journal was verified; a node that failed trades no more and says so in its
 * health; a stop leaves no socket, no timer and no file open.
 */
import { mkdirSync, statfsSync, statSync } from "node:fs";
import { join } from "node:path";
import type { DeviceReadings } from "@micromarket/assets";
import { startApi, type ApiServer, type CheckResult, type ReadModel } from "@micromarket/api-http";
import { indicative, type Journal, type MarketNode } from "@micromarket/engine";
import { durationMs, fail, minus, ok, slotAt, slotEnd, type Result } from "@micromarket/kernel";
import type { LedgerView } from "@micromarket/ledger";
import type { ClockHealth } from "./clock-health.ts";
import { openDesk, type Desk } from "./desk.ts";
import type { DeviceLinks } from "./device-links.ts";
import { startRounds, type DeviceRounds } from "./device-rounds.ts";
import { EnergyHistory } from "./energy-history.ts";
import { counterWraps, type GatewayConfig } from "./gateway-config.ts";
import { logNotice, type GatewayLog } from "./gateway-log.ts";
import type { MachineTime } from "./machine-time.ts";
import { generatedIn, MarketLoop } from "./market-loop.ts";
import { MeterBoard } from "./meter-board.ts";
import { readBoardMemory } from "./meter-memory.ts";
import type { MeterStore } from "./meter-store.ts";
import type { Notice } from "./notice.ts";
import { openingCommands, partiesWithoutHome } from "./opening-commands.ts";
import { recallPast, recentDeliveries, resumeMarket } from "./resume-market.ts";
import { createSlotClock, type SlotClock } from "./slot-clock.ts";
import { failureOfOpening, failureOf, type StartFailure } from "./start-failure.ts";

/** What a gateway needs from outside. */
export interface GatewayPorts {
  readonly time: MachineTime;
  readonly clockHealth: ClockHealth;
  readonly log: GatewayLog;
  readonly version: string;
  /** Throws a `JournalFailure`. */
  readonly openJournal: (path: string) => Journal;
  readonly openDevices: (config: GatewayConfig, clock: SlotClock) => DeviceLinks;
  readonly openMeterStore: (folder: string) => MeterStore;
  /** Folder of the page's built files; `null`: no page. */
  readonly page: string | null;
}

/** A gateway that runs. */
export interface RunningGateway {
  /** Where the page and the API are. */
  readonly url: string;
  readonly node: MarketNode;
  /** What made the node fail; `null` while it trades. */
  failure(): StartFailure | null;
  /** Real milliseconds that a graceful stop would wait for the end of the slot. */
  msUntilBoundary(): number;
  /** Stops after what is being done now. */
  stop(): Promise<void>;
}

/** Between two rounds of the market loop, so that readings are settled soon after they come. */
const STEP_MS_MAX = 1_000;
const STEP_MS_MIN = 5;
const CLOCK_CHECK_MS = 60_000;
/** Slots between two snapshots: a day of quarter hours. */
const SNAPSHOT_SLOTS = 96;
/** A counter's end of a slot is drawn between samples that are at most this part of a slot apart. */
const GAPS_IN_SLOT = 2;
/** Polls after which a device that says nothing new is stale. */
const STALE_POLLS = 3;
const STALE_MS_MIN = 60_000;
/** News of one millisecond, at most: numbers of news start above all that were given out before. */
const NEWS_PER_MS = 1_000;

/** Starts the gateway that `config` describes. */
export async function startGateway(
  config: GatewayConfig,
  ports: GatewayPorts,
): Promise<Result<RunningGateway, StartFailure>> {
  const path = journalPath(config);
  let journal: Journal;
  try {
    mkdirSync(config.dataDirectory, { recursive: true });
    journal = ports.openJournal(path);
  } catch (cause) {
    return fail(failureOf(cause));
  }
  try {
    const started = await startOnJournal(config, ports, journal, path);
    if (!started.ok) journal.close();
    return started;
  } catch (cause) {
    journal.close();
    return fail(failureOf(cause));
  }
}

async function startOnJournal(
  config: GatewayConfig,
  ports: GatewayPorts,
  journal: Journal,
  path: string,
): Promise<Result<RunningGateway, StartFailure>> {
  const { time, log } = ports;
  const resumed = resumeMarket(config.rules, journal);
  if (!resumed.ok) return fail(failureOfOpening(resumed.error, path));
  const { node, snapshotRefused } = resumed.value;
  if (snapshotRefused !== null) log.warn({ code: snapshotRefused.code }, "the snapshot was left aside");
  const clock = createSlotClock(config.clock, time, ports.clockHealth, journal.last()?.at ?? null);
  await clock.check();
  const wallMs: number = time.wallNow();
  const model = recallPast(node, journal, clock.now(), wallMs * NEWS_PER_MS);
  const store = ports.openMeterStore(config.dataDirectory);
  const meters = openMeters(config, store, log);
  const history = recallHistory(config, meters, recentDeliveries(node, journal), clock);
  const desk = openDesk(
    node,
    () => clock.now(),
    (events, at) => model.record(events, at),
  );
  const parties = config.homes.map(({ party }) => party);
  await desk.submit(openingCommands(node.state, parties, config.prices, clock.now()));
  const strangers = partiesWithoutHome(node.state, parties);
  if (strangers.length > 0)
    log.error({ parties: strangers }, "no home stands for these parties: their slots stay open");
  const gateway = new Gateway({ config, ports, journal, node, clock, model, store, meters, history, desk });
  return gateway.start();
}

function openMeters(config: GatewayConfig, store: MeterStore, log: GatewayLog): MeterBoard {
  const text = store.load();
  const memory = text === null ? null : readBoardMemory(text);
  if (memory?.ok === false)
    log.warn(memory.error, "the counters' memory cannot be read: the slot around now stays open");
  const { slotLength } = config.rules;
  const slotMs: number = slotLength;
  const init = {
    slotLength,
    gapMax: durationMs(Math.floor(slotMs / GAPS_IN_SLOT)),
    counters: new Map(config.devices.map((device) => [device.id, counterWraps(device)])),
    tie: config.tieMeter,
  };
  return new MeterBoard(init, memory?.ok === true ? memory.value : undefined);
}

function recallHistory(
  { homes }: GatewayConfig,
  meters: MeterBoard,
  deliveries: ReturnType<typeof recentDeliveries>,
  clock: SlotClock,
): EnergyHistory {
  const history = new EnergyHistory();
  const plants = new Map(homes.map(({ party, pv }) => [party, pv]));
  for (const { party, slot, imported, exported } of deliveries) {
    const pv = plants.get(party) ?? null;
    const generated = pv === null ? null : generatedIn(meters.slotOf(pv, slot, clock.now()));
    history.note(party, slot, minus(imported, exported), generated);
  }
  return history;
}

interface GatewayParts {
  readonly config: GatewayConfig;
  readonly ports: GatewayPorts;
  readonly journal: Journal;
  readonly node: MarketNode;
  readonly clock: SlotClock;
  readonly model: ReadModel;
  readonly store: MeterStore;
  readonly meters: MeterBoard;
  readonly history: EnergyHistory;
  readonly desk: Desk;
}

class Gateway {
  readonly #parts: GatewayParts;
  readonly #loop: MarketLoop;
  readonly #links: DeviceLinks;
  #failure: StartFailure | null = null;
  #api: ApiServer | null = null;
  #rounds: DeviceRounds | null = null;
  #step: Promise<void> = Promise.resolve();
  #cancelStep: () => void = () => undefined;
  #cancelCheck: () => void = () => undefined;
  #stopped: Promise<void> | null = null;
  #slotsSinceSnapshot = 0;
  /** A slot's end has passed that the counters' file does not know. */
  #isMemoryOld = false;

  constructor(parts: GatewayParts) {
    this.#parts = parts;
    const { config, clock, desk, meters, history } = parts;
    this.#loop = new MarketLoop({ config, clock, desk, meters, history, tell: (notice) => this.#hear(notice) });
    this.#links = parts.ports.openDevices(config, clock);
  }

  async start(): Promise<Result<RunningGateway, StartFailure>> {
    const { config, ports, node } = this.#parts;
    const api = await this.#startApi();
    if (!api.ok) {
      await this.#links.close();
      return fail({ code: api.error.code, what: api.error.message, mend: MENDS[api.error.code] ?? "change http" });
    }
    this.#api = api.value;
    for (const source of this.#links.sources) source.subscribe?.((readings) => this.#parts.meters.note(readings));
    this.#rounds = startRounds(this.#links.sources, ports.time, (readings) => {
      this.#parts.meters.note(readings);
      this.#parts.model.observe(readings, this.#parts.clock.now());
      this.#countFailures(readings);
    });
    this.#scheduleCheck();
    this.#scheduleStep(0);
    const tie = config.tieMeter ?? "none: the tie is the sum of the homes' meters";
    ports.log.info({ url: api.value.url, homes: config.homes.length, tie_meter: tie }, "the market runs");
    return ok({
      url: api.value.url,
      node,
      failure: () => this.#failure,
      msUntilBoundary: () => this.#msUntilBoundary(),
      stop: () => (this.#stopped ??= this.#stop()),
    });
  }

  #startApi(): ReturnType<typeof startApi> {
    const { config, ports, model, clock, node } = this.#parts;
    const { host, port, token, allowedOrigins, allowedHosts } = config.http;
    const slowest = Math.max(...config.devices.map(({ poll }) => poll));
    return startApi({
      ...{ host, port, model, clock, version: ports.version },
      access: { allowedOrigins, allowedHosts, ...(token === null ? {} : { token }) },
      indicative: (slot) => (this.#failure === null ? indicative(node.state, slot) : null),
      probes: { store: () => this.#storeCheck(), clock: () => this.#clockCheck() },
      onError: (error) => ports.log.error({ error: String(error) }, "a request failed"),
      deviceStaleAfter: durationMs(Math.max(STALE_MS_MIN, STALE_POLLS * slowest * (clock.factor ?? 1))),
      sources: {
        ledgerSequence: () => (this.#failure === null ? node.head.sequence : Number.NaN),
        settlementResidual: () => (this.#failure === null ? residual(node.state.ledger) : Number.NaN),
        clockOffsetSeconds: () => offsetSeconds(clock),
        databaseBytes: () => measure(() => statSync(journalPath(config)).size),
        diskFreeBytes: () => measure(() => freeBytes(config.dataDirectory)),
      },
      ...(ports.page === null ? {} : { page: { directory: ports.page } }),
    });
  }

  #countFailures({ device, readings }: DeviceReadings): void {
    const link = this.#parts.config.devices.find(({ id }) => id === device)?.link;
    const reasons = readings.flatMap(({ value }) => (value.kind === "missing" ? [value.reason] : []));
    for (const reason of new Set(reasons)) this.#api?.recorder.deviceFailed(link ?? "unknown", reason);
  }

  /** Goes outward: what is wrong and how to mend it, without the path. */
  #storeCheck(): CheckResult {
    if (this.#failure === null) return { status: "pass", detail: "the journal takes entries" };
    const { what, mend } = this.#failure;
    const detail = `${what.replaceAll(this.#parts.config.dataDirectory, "data")}; ${mend}`;
    return { status: "fail", detail: `trading has stopped: ${detail}` };
  }

  #clockCheck(): CheckResult {
    const state = this.#parts.clock.state();
    if (state.kind === "synchronised") return { status: "pass", detail: "the clock is synchronised" };
    return { status: "fail", detail: `no gate opens: ${state.reason}` };
  }

  #hear(notice: Notice): void {
    logNotice(this.#parts.ports.log, notice);
    if (notice.type === "gate-closed") this.#slotsSinceSnapshot += 1;
    this.#isMemoryOld ||= notice.type !== "command-refused";
  }

  #saveMeters(): void {
    const { store, meters, ports } = this.#parts;
    this.#isMemoryOld = false;
    try {
      store.save(meters.memoryText());
    } catch (error) {
      ports.log.warn({ error: String(error) }, "the counters' memory was not saved: a restart would leave gaps");
    }
  }

  #scheduleStep(delayMs: number): void {
    this.#cancelStep = this.#parts.ports.time.after(delayMs, () => {
      this.#step = this.#takeStep();
    });
  }

  async #takeStep(): Promise<void> {
    const { clock, node } = this.#parts;
    try {
      await this.#loop.step();
      if (this.#isMemoryOld) this.#saveMeters();
      if (this.#slotsSinceSnapshot >= SNAPSHOT_SLOTS) {
        node.snapshot();
        this.#slotsSinceSnapshot = 0;
      }
    } catch (cause) {
      return this.#fail(cause);
    }
    if (this.#stopped !== null) return;
    const dueMs = Math.ceil(clock.realMsUntil(this.#loop.nextDue()));
    this.#scheduleStep(Math.min(Math.max(dueMs, STEP_MS_MIN), STEP_MS_MAX));
  }

  #fail(cause: unknown): void {
    const failure = failureOf(cause);
    this.#failure = failure;
    this.#parts.ports.log.error(failure, "the market node has failed: trading has stopped");
  }

  #scheduleCheck(): void {
    const { clock, ports } = this.#parts;
    this.#cancelCheck = ports.time.after(CLOCK_CHECK_MS, () => {
      void clock.check().then(() => {
        if (this.#stopped === null) this.#scheduleCheck();
      });
    });
  }

  #msUntilBoundary(): number {
    const { clock, config } = this.#parts;
    return this.#failure === null ? clock.realMsUntil(slotEnd(slotAt(clock.now(), config.rules.slotLength))) : 0;
  }

  async #stop(): Promise<void> {
    const { node, desk, journal, ports } = this.#parts;
    this.#cancelStep();
    this.#cancelCheck();
    await this.#step;
    const rounds = this.#rounds?.stop();
    await this.#links.close(); // ends the questions that are still open
    await rounds;
    await this.#api?.close();
    desk.close();
    this.#saveMeters();
    try {
      if (this.#failure === null) node.snapshot();
      journal.close();
    } catch (cause) {
      ports.log.error(failureOf(cause), "the journal was not closed properly; the next start verifies it");
    }
    ports.log.info("the market has stopped");
  }
}

const MENDS: Readonly<Record<string, string>> = {
  ADDRESS_UNAVAILABLE: "stop the program that has the port, or change http.port",
  PAGE_UNREADABLE: "build the page first: npm run page",
};

/** What the balances of the two books do not sum to 0 by. */
function residual({ money, energy }: LedgerView): number {
  const sums = [money, energy].map((book) => [...book.values()].reduce((sum, balance) => sum + balance, 0n));
  return sums.reduce((worst, sum) => Math.max(worst, Math.abs(Number(sum))), 0);
}

/** Where the journal of `config` lies. */
export function journalPath({ dataDirectory }: Pick<GatewayConfig, "dataDirectory">): string {
  return join(dataDirectory, "journal.sqlite");
}

function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

/** A file that is not there has no size. */
function measure(read: () => number): number {
  try {
    return read();
  } catch {
    return Number.NaN;
  }
}

function offsetSeconds(clock: SlotClock): number {
  const state = clock.state();
  return state.kind === "synchronised" ? (state.offsetMs ?? 0) / 1_000 : Number.NaN;
}
