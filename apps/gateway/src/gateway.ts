/**
 * One process, one microgrid's market node: devices, agents, market, journal and page, started and stopped as one.
 *
 * Invariants: nothing is traded before the journal was verified; a node that failed trades no more and says so in its
 * health; a stop leaves no socket, no timer and no file open.
 */
import { mkdirSync } from "node:fs";
import { startApi, type ApiServer, type ReadDevice } from "@micromarket/api-http";
import { fail, ok, slotAt, slotEnd, type InstantMs, type Result } from "@micromarket/kernel";
import { copyJournal } from "@micromarket/store-sqlite";
import type { CountedReadings } from "./counter-facts.ts";
import { describeDevices } from "./describe-devices.ts";
import { openDesk } from "./desk.ts";
import type { DeviceLinks, DeviceSource } from "./device-links.ts";
import { startRounds, type DeviceRounds } from "./device-rounds.ts";
import { watchDevices, type DeviceWatch } from "./device-watch.ts";
import { openAccess, type GatewayAccess } from "./gateway-access.ts";
import type { GatewayConfig, HomeLimits } from "./gateway-config.ts";
import type { GatewayParts } from "./gateway-parts.ts";
import type { GatewayPorts, RunningGateway } from "./gateway-ports.ts";
import { logNotice } from "./gateway-log.ts";
import { indicativeSource, journalPath, metricSources, ordersPath } from "./gateway-sources.ts";
import { clockCheck, storeCheck } from "./health-checks.ts";
import { JournalUpkeep } from "./journal-upkeep.ts";
import { MarketLoop } from "./market-loop.ts";
import { MeterKeeper } from "./meter-keeper.ts";
import type { Notice } from "./notice.ts";
import { openMarket } from "./open-market.ts";
import { OrderKeeper } from "./order-keeper.ts";
import { openingCommands, partiesOtherwise, partiesWithoutHome } from "./opening-commands.ts";
import { recallHistory, recallMeters } from "./recall-meters.ts";
import { recallPast, recentDeliveries } from "./resume-market.ts";
import { signingDesk } from "./signing-desk.ts";
import { tellControl } from "./control/control-log.ts";
import { ControlRoom } from "./control/control-room.ts";
import { openDimLog } from "./control/dim-log.ts";
import { HomePlanner } from "./control/home-planner.ts";
import { createSlotClock } from "./slot-clock.ts";
import { publishSite, staleAfter } from "./publish-site.ts";
import { failureOf, failureOfListening, type StartFailure } from "./start-failure.ts";
import { Stopwatch } from "./stopwatch.ts";
import { tradingAt } from "./trading-desk.ts";

/** Between two rounds of the market loop, so that readings are settled soon after they come. */
const STEP_MS_MAX = 1_000;
const STEP_MS_MIN = 5;
const CLOCK_CHECK_MS = 60_000;
/** Slots between two snapshots: a day of quarter hours. */
const SNAPSHOT_SLOTS = 96;
/** News of one millisecond, at most: numbers of news start above all that were given out before. */
const NEWS_PER_MS = 1_000;

/** Starts the gateway that `config` describes. */
export async function startGateway(
  config: GatewayConfig,
  ports: GatewayPorts,
): Promise<Result<RunningGateway, StartFailure>> {
  const path = journalPath(config);
  let orders: OrderKeeper;
  try {
    mkdirSync(config.dataDirectory, { recursive: true });
    orders = new OrderKeeper(ports.openJournal(path), ordersPath(config), ports);
  } catch (cause) {
    return fail(failureOf(cause));
  }
  try {
    const started = await startOnJournal(config, ports, orders);
    if (!started.ok) orders.journal.close();
    return started;
  } catch (cause) {
    orders.journal.close();
    return fail(failureOf(cause));
  }
}

async function startOnJournal(
  config: GatewayConfig,
  ports: GatewayPorts,
  orders: OrderKeeper,
): Promise<Result<RunningGateway, StartFailure>> {
  const { time, log } = ports;
  const { journal } = orders;
  const stopwatch = new Stopwatch(() => time.elapsedMs());
  const opened = openMarket(config, stopwatch.journal(journal), ports);
  if (!opened.ok) return opened;
  const { node, keys } = opened.value;
  orders.catchUp(node.state.rules);
  const clock = createSlotClock(config.clock, time, ports.clockHealth, journal.last()?.at ?? null);
  await clock.check();
  const wallMs: number = time.wallNow();
  const model = recallPast(node, journal, {
    now: clock.now(),
    lastSequence: wallMs * NEWS_PER_MS,
    slotsKept: ports.slotsKept,
  });
  const store = ports.openMeterStore(config.dataDirectory);
  const meters = recallMeters(config, store, clock, log);
  const history = recallHistory(config, meters, recentDeliveries(node, journal), clock);
  const now = (): InstantMs => clock.now();
  const executor = orders.recording(node, stopwatch.node(node));
  const bare = openDesk(node, now, (events, at) => model.record(events, at), executor);
  const desk = keys === null ? bare : signingDesk(bare, (command) => keys.sign(command, now()));
  const copy = (target: string): Promise<unknown> => copyJournal(journalPath(config), target);
  const upkeep = new JournalUpkeep({ config: config.journal, rules: node.state.rules, journal, time, now, log, copy });
  const parts = {
    ...{ config, ports, journal, orders, upkeep, node, clock, model },
    ...{ store, meters, history, bare, desk, keys, stopwatch },
  };
  const gateway = new Gateway(parts);
  return gateway.start();
}

class Gateway {
  readonly #parts: GatewayParts;
  readonly #loop: MarketLoop;
  readonly #links: DeviceLinks;
  readonly #room: ControlRoom;
  #failure: StartFailure | null = null;
  #api: ApiServer | null = null;
  #rounds: DeviceRounds | null = null;
  #step: Promise<void> = Promise.resolve();
  #cancelStep: () => void = () => undefined;
  #cancelCheck: () => void = () => undefined;
  /** Ends what goes outward besides the API. */
  #endTelling: readonly (() => Promise<void> | void)[] = [];
  #stopped: Promise<void> | null = null;
  #slotsSinceSnapshot = 0;
  /** Whether the node was told who takes part and what the supplier asks. */
  #isOpened = false;
  readonly #keeper: MeterKeeper;
  readonly #watch: DeviceWatch;

  constructor(parts: GatewayParts) {
    this.#parts = parts;
    const { config, ports, clock, desk, meters, history } = parts;
    const tell = (notice: Notice): void => this.#hear(notice);
    this.#links = ports.openDevices(config, clock, { isControlOpen: ports.allowControl && config.isControlEnabled });
    this.#room = this.#openRoom(this.#links);
    const agents = new HomePlanner(config, this.#room, () => clock.now());
    this.#keeper = new MeterKeeper(parts.store, meters, {
      ...{ clock, time: ports.time, slotLength: config.rules.slotLength },
      warn: (error) => ports.log.warn({ error }, "the counters' memory was not saved: a restart would leave gaps"),
    });
    const keep = (): void => this.#keeper.save();
    this.#loop = new MarketLoop({ config, clock, desk, meters, history, agents, tell, keep });
    this.#watch = watchDevices(config, ports.log, () => ports.time.elapsedMs());
  }

  #openRoom({ sources }: DeviceLinks): ControlRoom {
    const { config, clock, ports } = this.#parts;
    const controls = new Map(sources.map(({ device, controls: own = [] }) => [device, own] as const));
    const isProgramOpen = ports.allowControl;
    const memory = ports.openControlMemory(config.dataDirectory);
    return new ControlRoom({
      ...{ config, controls, clock, memory, isProgramOpen },
      time: ports.time,
      tell: (device, capability, event) => {
        tellControl(ports.log, this.#api?.recorder ?? null, device, capability, event);
      },
      noteDim: openDimLog(config.dataDirectory, (error, { home }) => {
        ports.log.error({ home, error: String(error) }, "a signal of the grid operator was not recorded");
      }),
    });
  }

  /** A start that fails closes the devices again. */
  async start(): Promise<Result<RunningGateway, StartFailure>> {
    try {
      const started = await this.#open();
      if (!started.ok) await this.#abandon();
      return started;
    } catch (cause) {
      await this.#abandon();
      throw cause;
    }
  }

  async #abandon(): Promise<void> {
    await this.#room.close();
    await this.#links.close();
    await this.#parts.upkeep.stop();
  }

  async #open(): Promise<Result<RunningGateway, StartFailure>> {
    const { config, ports, node, stopwatch } = this.#parts;
    await this.#openMarket();
    const access = openAccess(config, ports);
    if (!access.ok) return access;
    const api = await this.#startApi(access.value);
    if (!api.ok) return fail(failureOfListening(api.error));
    this.#api = api.value;
    stopwatch.report(api.value.recorder);
    for (const source of this.#links.sources) {
      source.subscribe?.((readings) => {
        this.#count(readings);
        this.#room.hear(readings);
      });
    }
    this.#room.start();
    this.#endTelling = [...this.#startTelling(), access.value.follow(api.value)];
    this.#rounds = startRounds(this.#links.sources, ports.time, (readings, source) => this.#take(readings, source));
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

  #startTelling(): readonly (() => Promise<void> | void)[] {
    const { config, clock, meters, model, ports } = this.#parts;
    const isTrading = (): boolean => this.#failure === null;
    return [
      describeDevices({ config, links: this.#links, watch: this.#watch, meters, model, time: ports.time }),
      publishSite({ config, model, clock, ports, staleAfterMs: staleAfter(config, clock), isTrading }),
    ];
  }

  #startApi(access: GatewayAccess): ReturnType<typeof startApi> {
    const { config, ports, model, clock, node, orders, upkeep, bare, desk } = this.#parts;
    const { host, port } = config.http;
    const readIndicative = indicativeSource(node);
    const isTrading = (): boolean => this.#failure === null && clock.state().kind === "synchronised";
    return startApi({
      ...tradingAt(node, { bare, own: desk }, orders, isTrading),
      ...{ host, port, model, clock, version: ports.version },
      ...access.options,
      indicative: (slot) => (this.#failure === null ? readIndicative(slot) : null),
      probes: {
        store: () => storeCheck(config, [upkeep, orders], this.#failure),
        clock: () => clockCheck(clock),
        devices: () => this.#watch.check(),
      },
      onError: (error) => ports.log.error({ error: String(error) }, "a request failed"),
      deviceStaleAfter: staleAfter(config, clock),
      sources: { ...metricSources(config, node, clock), links: () => this.#links.reports?.() ?? [] },
      ...(this.#room.isEmpty && config.homes.every(({ limits }) => !isLimited(limits)) ? {} : { controls: this.#room }),
      readDevice: (device) => this.#readDevice(device),
      ...(ports.page === null ? {} : { page: { directory: ports.page } }),
    });
  }

  /** Tells the node who takes part. Not by a clock that is not known to be right: the journal's time never goes back. */
  async #openMarket(): Promise<void> {
    const { config, node, desk, keys, clock, ports } = this.#parts;
    if (this.#isOpened || clock.state().kind !== "synchronised") return;
    const parties = config.homes.map(({ party }) => party);
    const commands = openingCommands(node.state, config, clock.now(), keys?.didsOf(parties));
    const outcomes = await desk.submit(commands);
    for (const [index, outcome] of outcomes.entries()) {
      const type = commands[index]?.type;
      if (!outcome.ok) ports.log.error({ command: type, ...outcome.refusal }, "the market refused what the file says");
    }
    this.#isOpened = true;
    const others = partiesOtherwise(node.state, config);
    if (others.length > 0)
      ports.log.error(
        { parties: others },
        "the journal knows otherwise what these parties deliver, and goes by that: rename them",
      );
    const strangers = partiesWithoutHome(node.state, parties);
    if (strangers.length > 0)
      ports.log.error({ parties: strangers }, "no home stands for these parties: their slots stay open");
  }

  #take(readings: CountedReadings, source: DeviceSource): void {
    const { model, clock, meters } = this.#parts;
    this.#count(readings);
    this.#room.hear(readings);
    model.observe(readings, clock.now());
    this.#watch.note(readings, source.trouble?.() ?? null, meters.doubtOf(readings.device));
    this.#countFailures(readings);
  }

  /** Asks a device now, besides its rounds. */
  async #readDevice(device: string): ReturnType<ReadDevice> {
    const source = this.#links.sources.find((each) => each.device === device);
    if (source === undefined) return fail({ code: "DEVICE_UNKNOWN", detail: `there is no device "${device}"` });
    const readings = await source.read();
    this.#take(readings, source);
    if (readings.readings.some(({ value }) => value.kind === "value")) return ok(null);
    const trouble = source.trouble?.() ?? null;
    return fail({ code: "DEVICE_SILENT", detail: trouble === null ? "it says nothing" : trouble.what });
  }

  /** A reading whose time is not known counts nothing. */
  #count(readings: CountedReadings): void {
    const { clock, meters } = this.#parts;
    clock.now(); // notices that the clock was set
    if (clock.state().kind === "synchronised") meters.note(readings);
  }

  #countFailures({ device, readings, zeros }: CountedReadings): void {
    const link = this.#parts.config.devices.find(({ id }) => id === device)?.link;
    const reasons = readings.flatMap(({ point, value }) =>
      value.kind === "missing" && value.reason !== "not-provided" && zeros?.has(point) !== true ? [value.reason] : [],
    );
    for (const reason of new Set(reasons)) this.#api?.recorder.deviceFailed(link ?? "unknown", reason);
  }

  #hear(notice: Notice): void {
    logNotice(this.#parts.ports.log, notice);
    if (notice.type === "gate-closed") this.#slotsSinceSnapshot += 1;
    if (notice.type === "command-refused" && notice.side !== null) this.#api?.recorder.tenderRefused(notice.side);
  }

  #scheduleStep(delayMs: number): void {
    this.#cancelStep = this.#parts.ports.time.after(delayMs, () => {
      this.#step = this.#takeStep();
    });
  }

  async #takeStep(): Promise<void> {
    const { clock, node } = this.#parts;
    try {
      await this.#openMarket();
      await this.#loop.step();
      this.#keeper.saveIfOld();
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
    this.#room.forgetAwards();
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
    const { node, desk, journal, upkeep, ports } = this.#parts;
    this.#cancelStep();
    this.#cancelCheck();
    for (const end of this.#endTelling) await end();
    await this.#step;
    await this.#room.close(); // devices are given back while they can still be spoken to
    const rounds = this.#rounds?.stop();
    await this.#links.close(); // ends the questions that are still open
    await rounds;
    await this.#api?.close();
    await upkeep.stop();
    desk.close();
    this.#keeper.save();
    try {
      if (this.#failure === null) node.snapshot();
      journal.close();
    } catch (cause) {
      ports.log.error(failureOf(cause), "the journal was not closed properly; the next start verifies it");
    }
    ports.log.info("the market has stopped");
  }
}

function isLimited(limits: HomeLimits): boolean {
  return limits.import !== null || limits.export !== null;
}
