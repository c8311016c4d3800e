/** One cell of the fault matrix: a device, a fault, and what is done meanwhile. An answer in words is what went wrong. */
import {
  SAFE_WRITE_DEFAULTS,
  stepControl,
  UNTOUCHED,
  type ControlAction,
  type ControlInput,
} from "@micromarket/control";
import type { Control } from "@micromarket/device-profiles";
import { instantMs } from "@micromarket/kernel";
import { ModbusLink } from "../src/index.ts";
import { faultProxy, type FaultProxy, type WireFault } from "./fault-proxy.ts";
import type { MatrixControl, MatrixDevice, MatrixReader, MatrixServer, StateFault } from "./fault-matrix-devices.ts";
import { leapingClock } from "./leaping-clock.ts";

export type Fault = "ok" | WireFault | StateFault;

/** Longer than the links' patience of 20 s, shorter than their deadline of 30 s. */
const LEAP_MS = 20_500;
const HANG_MS = 30_000;
/** Polls of the slowest class, and one. */
const POLLS_MAX = 31;

/** A link through a proxy to a server. */
interface Path {
  readonly proxy: FaultProxy;
  readonly link: ModbusLink;
  close(): Promise<void>;
}

async function path(server: MatrixServer, unit = 0): Promise<Path> {
  const clock = leapingClock();
  const proxy = await faultProxy(server.port, () => clock.leap(LEAP_MS));
  const link = new ModbusLink({
    ...{ host: "127.0.0.1", port: proxy.port, clock, timeoutMs: 20_000, deadlineMs: 30_000 },
    ...{ backOff: { firstMs: 2, maxMs: 5 }, writableUnits: unit === 0 ? [] : [unit] },
  });
  return {
    proxy,
    link,
    close: async () => {
      await link.close();
      await proxy.close();
    },
  };
}

/** What a promise that never settles would hide. */
async function settled<Value>(promise: Promise<Value>, what: string): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const hang = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} hangs`)), HANG_MS);
  });
  return Promise.race([promise, hang]).finally(() => clearTimeout(timer));
}

/** The next tag of a server: no two polls of it see the same. */
const tags = new WeakMap<MatrixServer, number>();

/** Points that the poll of `tag` may show as 0. */
interface Zeros {
  tag: number | null;
  readonly points: readonly string[];
}

function isZeroAlone(zeros: Zeros | null, point: string, value: number, at: number): boolean {
  return zeros !== null && value === 0 && at === zeros.tag && zeros.points.includes(point);
}

interface Poll {
  readonly missing: readonly string[];
  readonly failure: unknown;
}

/** One poll, held against what the server has. */
async function pollOnce(
  device: MatrixDevice,
  server: MatrixServer,
  reader: MatrixReader,
  zeros: Zeros | null = null,
): Promise<Poll> {
  const tag = ((tags.get(server) ?? 0) % 60) + 1;
  tags.set(server, tag);
  if (zeros !== null) zeros.tag ??= tag;
  await server.show(tag);
  const { readings } = await settled(
    reader.poll(() => instantMs(tag)),
    "the poll",
  );
  const points = readings.map(({ point }) => point);
  if (new Set(points).size !== points.length) throw new Error(`a point comes twice: ${points.join(" ")}`);
  for (const point of Object.keys(device.values(tag))) {
    if (!points.includes(point as never)) throw new Error(`${point} does not come at all`);
  }
  for (const { point, value, at } of readings) {
    const right = device.values(at)[point];
    const isRight = value.kind === "missing" || value.value === right || isZeroAlone(zeros, point, value.value, at);
    if (!isRight) {
      throw new Error(`${point} is ${value.value}, the server had ${right ?? "none"} (poll ${at}, now ${tag})`);
    }
  }
  const expected = new Set(Object.keys(device.values(tag)));
  const missing = readings.filter(({ point, value }) => value.kind === "missing" && expected.has(point));
  return { missing: missing.map(({ point }) => point), failure: reader.failure };
}

async function pollsUntilWhole(
  device: MatrixDevice,
  server: MatrixServer,
  reader: MatrixReader,
  polls: number,
  zeros: Zeros | null = null,
) {
  let last: Poll = { missing: [], failure: null };
  for (let poll = 0; poll < polls; poll++) {
    last = await pollOnce(device, server, reader, zeros);
    if (last.missing.length === 0 && last.failure === null) return;
  }
  throw new Error(`after ${polls} polls there is still no ${last.missing.join(" ")} (${JSON.stringify(last.failure)})`);
}

/** Polls a device that was met before, or not yet, with the fault at each of the poll's questions in turn. */
export async function readCell(device: MatrixDevice, server: MatrixServer, fault: Fault): Promise<void> {
  for (const polledBefore of [0, 1, 2]) {
    for (let at = 0, isHit = true; isHit; at++) isHit = await readOnce(device, server, fault, at, polledBefore);
    if (fault === "all-zero frame") await readOnce(device, server, fault, "all", polledBefore);
  }
}

/** Whether the poll had a question of that number. */
async function readOnce(
  device: MatrixDevice,
  server: MatrixServer,
  fault: Fault,
  at: number | "all",
  polledBefore: number,
): Promise<boolean> {
  const way = await path(server);
  const { proxy, link } = way;
  try {
    const reader = device.reader(link);
    for (let poll = 0; poll < polledBefore; poll++) await pollsUntilWhole(device, server, reader, 1);
    if (fault === "ok") {
      for (let poll = 0; poll < 4; poll++) await pollsUntilWhole(device, server, reader, 1);
      return false;
    }
    if (fault === "SF missing" || fault === "sentinel") return await readStruck(device, server, reader, fault);
    proxy.plan(({ index }) => (at === "all" || index === at ? fault : null));
    const zeros = fault === "all-zero frame" && at !== "all" ? { tag: null, points: device.alone } : null;
    const { missing, failure } = await pollOnce(device, server, reader, zeros);
    if (proxy.spoiled === 0) return false;
    proxy.plan(() => null);
    const mayHeal = fault === "exception 2" || fault === "all-zero frame";
    if (failure === null && !mayHeal) throw new Error(`no failure is told; missing: ${missing.join(" ")}`);
    await pollsUntilWhole(device, server, reader, mayHeal ? POLLS_MAX : 3, zeros);
    await pollsUntilWhole(device, server, reader, 1, zeros);
    return true;
  } catch (error) {
    throw new Error(`question ${at} after ${polledBefore} polls: ${(error as Error).message}`, { cause: error });
  } finally {
    await way.close();
  }
}

async function readStruck(device: MatrixDevice, server: MatrixServer, reader: MatrixReader, fault: StateFault) {
  await pollsUntilWhole(device, server, reader, 2);
  const struck = device.struck[fault];
  const shown = server.show.bind(server);
  const faulty: MatrixServer = {
    ...server,
    show: async (tag) => {
      await shown(tag);
      await server.strike(fault, true);
    },
  };
  tags.set(faulty, tags.get(server) ?? 0);
  const seen = new Set<string>();
  for (let poll = 0; poll < 3; poll++) {
    const { missing } = await pollOnce(device, faulty, reader);
    for (const point of missing) seen.add(point);
    await server.strike(fault, false);
  }
  const wrong = [...seen].filter((point) => !struck.includes(point as never));
  if (wrong.length > 0) throw new Error(`${wrong.join(" ")} missing as well`);
  for (const point of struck as readonly string[]) if (!seen.has(point)) throw new Error(`${point} is not missing`);
  await pollsUntilWhole(device, server, reader, 4);
  return false;
}

/** A controller of `@micromarket/control`, and the log of what it did. */
class MatrixRunner {
  at = 1_782_864_000_000 + 3_600_000; // 2026-07-01T01:00Z
  readonly told: string[] = [];
  /** Actions and what came of them, in order. */
  readonly done: string[] = [];
  #controller = UNTOUCHED;
  #wakeAt: number | null = null;
  readonly #control: Control;
  readonly #server: MatrixServer;

  constructor(control: Control, server: MatrixServer) {
    this.#control = control;
    this.#server = server;
  }

  get held(): number | null {
    return this.#controller.hold?.held ?? null;
  }

  get isAtRest(): boolean {
    return this.#controller.phase.kind === "resting";
  }

  async do(input: ControlInput): Promise<void> {
    const around = {
      rules: this.#control.rules,
      options: SAFE_WRITE_DEFAULTS,
      at: instantMs(this.at),
      isUnlocked: true,
    };
    const step = stepControl(this.#controller, input, around);
    this.#controller = step.controller;
    this.#wakeAt = step.wakeAt;
    this.told.push(...step.events.map(({ code }) => code));
    for (const action of step.actions) await this.#carryOut(action);
  }

  /** Time passes, here and in the device. */
  async pass(seconds: number): Promise<void> {
    const end = this.at + seconds * 1_000;
    while (this.#wakeAt !== null && this.#wakeAt <= end) {
      await this.#moveTo(Math.max(this.at, this.#wakeAt));
      await this.do({ kind: "tick" });
    }
    await this.#moveTo(end);
    await this.do({ kind: "tick" });
  }

  async #moveTo(at: number): Promise<void> {
    await this.#server.tick((at - this.at) / 1_000);
    this.at = at;
  }

  async #carryOut(action: ControlAction): Promise<void> {
    const { kind, token } = action;
    if (kind === "read") {
      const result = await settled(this.#control.read(), kind);
      this.done.push(result.ok ? "read" : `read ${result.error.code}`);
      return this.do({ kind: "read", token, result });
    }
    const told =
      kind === "write" ? this.#control.write(action.value, action.terms) : this.#control.restore(action.snapshot);
    const result = await settled(told, kind);
    this.done.push(result.ok ? kind : `${kind} ${result.error.code}`);
    return this.do({ kind: "written", token, result });
  }
}

export type ControlMoment = "write" | "verify" | "reversion";

/** Holds a value with the fault at its first write, at the look after it, or while the device's timer ends it. */
export async function controlCell(
  device: MatrixDevice,
  server: MatrixServer,
  told: MatrixControl,
  moment: ControlMoment,
  fault: Fault,
): Promise<void> {
  const way = await path(server, told.unit);
  const { proxy, link } = way;
  try {
    const control = device.control(link, told.capability);
    if (control === null) throw new Error(`no ${told.capability}`);
    const runner = new MatrixRunner(control, server);
    await server.writes();
    if (moment === "reversion") await endHeld(runner, server, told, proxy, fault, control);
    else await beginHeld(runner, server, told, proxy, fault, moment);
    await giveBack(runner, told);
    const strange = (await server.writes()).filter((words) => !told.allowed(words));
    if (strange.length > 0) throw new Error(`was written: ${JSON.stringify(strange)}`);
    for (const [index, entry] of runner.done.entries()) {
      const next = runner.done[index + 1] ?? "";
      if (/^write (UNKNOWN|UNREADABLE)/.test(entry) && !next.startsWith("read")) {
        throw new Error(`after ${entry} comes ${next || "nothing"}`);
      }
    }
  } finally {
    await way.close();
  }
}

async function mustHold(runner: MatrixRunner, told: MatrixControl, when: string): Promise<void> {
  const isHeld = await told.isHeld();
  if (runner.held === told.value && isHeld && runner.isAtRest) return;
  const here = `the controller holds ${runner.held}, the device ${isHeld ? "does" : "does not"}`;
  throw new Error(`${when}: ${here}; ${runner.done.join(", ")}; ${runner.told.join(", ")}`);
}

async function beginHeld(
  runner: MatrixRunner,
  server: MatrixServer,
  told: MatrixControl,
  proxy: FaultProxy,
  fault: Fault,
  moment: "write" | "verify",
): Promise<void> {
  const isStruck = fault === "SF missing" || fault === "sentinel";
  if (isStruck && moment === "write") await server.strike(fault, true);
  let [hits, writes] = [0, 0];
  proxy.plan((asked) => {
    const isWrite = asked.function > 4;
    if (isWrite) writes += 1;
    const isMoment = moment === "write" ? isWrite : !isWrite && writes > 0;
    if (isStruck || fault === "ok" || !isMoment || hits > 0) return null;
    hits += 1;
    return fault;
  });
  await runner.do({ kind: "want", value: told.value });
  if (isStruck && moment === "write" && writes > 0) throw new Error("it was written, though nothing could be checked");
  if (isStruck && moment === "verify") await server.strike(fault, true);
  if (!isStruck && fault !== "ok" && hits === 0) throw new Error("there was nothing to spoil");
  const isTold = runner.told.some((code) => /UNKNOWN|NOT_DONE|FAILED|UNSUPPORTED|OBJECTED/.test(code));
  const isReadAgain = moment === "verify" && (runner.done.at(-1) ?? "").startsWith("read");
  if (fault !== "ok" && !isTold && !isReadAgain) throw new Error(`nothing is told: ${runner.told.join(", ")}`);
  await runner.pass(20);
  if (isStruck) await server.strike(fault, false);
  await runner.pass(120);
  await mustHold(runner, told, "in the end");
}

async function endHeld(
  runner: MatrixRunner,
  server: MatrixServer,
  told: MatrixControl,
  proxy: FaultProxy,
  fault: Fault,
  { rules }: Control,
): Promise<void> {
  await runner.do({ kind: "want", value: told.value });
  await runner.pass(10);
  await mustHold(runner, told, "before");
  const isStruck = fault === "SF missing" || fault === "sentinel";
  if (isStruck) await server.strike(fault, true);
  else if (fault !== "ok") proxy.plan(() => fault);
  const afterS = (rules.reversion.kind === "none" ? 0 : rules.reversion.afterMs) / 1_000;
  await runner.pass(2.5 * afterS);
  if (isStruck) await server.strike(fault, false);
  proxy.plan(() => null);
  if (fault === "ok") return mustHold(runner, told, "all the time");
  if (await told.isHeld()) throw new Error("the device's own timer did not end it");
  await runner.pass(1_000); // longer than it leaves alone what somebody else changed
  if (!runner.told.includes("REVERTED") && !runner.told.includes("FOREIGN_CHANGE")) {
    throw new Error(`nobody noticed: ${runner.done.join(", ")}; ${runner.told.join(", ")}`);
  }
  await mustHold(runner, told, "afterwards");
}

async function giveBack(runner: MatrixRunner, told: MatrixControl): Promise<void> {
  await runner.do({ kind: "release", why: "the cell ends" });
  await runner.pass(60);
  if (!runner.told.includes("RELEASED") || (await told.isHeld())) throw new Error("it is not given back");
}
