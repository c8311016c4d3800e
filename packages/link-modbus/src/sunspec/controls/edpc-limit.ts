/**
 * SolarEdge's enhanced dynamic power control: the limit of generation in registers of its own, longer numbers with the low
 * word first. Timeout and fallback are settings: they are written only where they differ, and before the limit they rule.
 */
import type { ControlRules } from "@micromarket/control";
import type { Control, ControlFailure, ControlState, WriteTerms } from "@micromarket/device-profiles";
import { ok, type Result } from "@micromarket/kernel";
import type { RegisterSink, SunspecUnit } from "../sunspec-unit.ts";
import { refused } from "./control-group.ts";
import { failureText, valueFault, writeFrames, type AddressedWords } from "./write-frames.ts";

const ENABLE = 0xf300;
const TIMEOUT = 0xf310;
const LIMIT = 0xf322;
const SECONDS_MAX = 86_400;
const PPM_PER_PERCENT = 10_000;

interface Registers {
  readonly enable: readonly number[];
  /** The timeout in seconds, and what the limit falls back to then, percent. */
  readonly fallback: readonly number[];
  readonly limit: readonly number[];
}

export class EdpcLimit implements Control {
  readonly rules: ControlRules;
  readonly #unit: SunspecUnit;
  readonly #sink: RegisterSink | null;

  constructor(unit: SunspecUnit, rules: ControlRules, sink: RegisterSink | null) {
    this.#unit = unit;
    this.rules = rules;
    this.#sink = sink;
  }

  async read(): Promise<Result<ControlState, ControlFailure>> {
    const read = await this.#registers();
    if (!read.ok) return read;
    const { enable, limit } = read.value;
    const percent = floatOf(limit);
    const value = Number.isFinite(percent) ? Math.round(percent * PPM_PER_PERCENT) : null;
    const objections = value === null ? ["0xF322 holds no number"] : [];
    return ok({
      value,
      isActive: enable[0] === 1,
      revertsInMs: null,
      objections,
      snapshot: JSON.stringify(read.value),
    });
  }

  async write(value: number, { revertAfterMs, fallback }: WriteTerms): Promise<Result<null, ControlFailure>> {
    if (this.#sink === null) return refused("LOCKED", "this device is read-only here");
    const fault = valueFault(value, this.rules) ?? (fallback === null ? null : valueFault(fallback, this.rules));
    if (fault !== null) return refused("VALUE_REFUSED", fault);
    const seconds = revertAfterMs === null ? null : Math.max(1, Math.floor(revertAfterMs / 1_000));
    if (seconds === null || seconds > SECONDS_MAX) {
      return refused("UNSUPPORTED", `this limit always ends by its timeout, of at most ${SECONDS_MAX} s`);
    }
    const read = await this.#registers();
    if (!read.ok) return read;
    const { enable, fallback: found } = read.value;
    const back = fallback === null ? found.slice(2) : wordsOfFloat(fallback / PPM_PER_PERCENT);
    const settings = [seconds % 0x1_0000, Math.floor(seconds / 0x1_0000), ...back];
    const frames: AddressedWords[] = [{ address: LIMIT, words: wordsOfFloat(value / PPM_PER_PERCENT) }];
    if (settings.some((word, index) => word !== found[index])) frames.unshift({ address: TIMEOUT, words: settings });
    if (enable[0] !== 1) frames.push({ address: ENABLE, words: [1] });
    return this.#send(this.#sink, frames);
  }

  async restore(snapshot: string): Promise<Result<null, ControlFailure>> {
    if (this.#sink === null) return refused("LOCKED", "this device is read-only here");
    const kept = snapshotOf(snapshot);
    if (kept === null) return refused("VALUE_REFUSED", "this is no snapshot of this control");
    const found = await this.#unit.find();
    if (!found.ok) return refused("UNREADABLE", failureText(found.error));
    return this.#send(this.#sink, [
      { address: ENABLE, words: kept.enable },
      { address: LIMIT, words: kept.limit },
      { address: TIMEOUT, words: kept.fallback },
    ]);
  }

  async #send(sink: RegisterSink, frames: readonly AddressedWords[]): Promise<Result<null, ControlFailure>> {
    return writeFrames(sink, this.#unit.profile, this.#unit.found?.unit ?? 1, frames);
  }

  async #registers(): Promise<Result<Registers, ControlFailure>> {
    const found = await this.#unit.find();
    if (!found.ok) return refused("UNREADABLE", failureText(found.error));
    const read: (readonly number[])[] = [];
    for (const [address, count] of [
      [ENABLE, 1],
      [TIMEOUT, 4],
      [LIMIT, 2],
    ] as const) {
      const outcome = await this.#unit.ask(address, count);
      if (outcome.ok) read.push(outcome.value);
      else if (outcome.error.code === "EXCEPTION")
        return refused("UNSUPPORTED", `register ${address}: ${failureText(outcome.error)}`);
      else return refused("UNREADABLE", failureText(outcome.error));
    }
    const [enable = [], fallback = [], limit = []] = read;
    return ok({ enable, fallback, limit });
  }
}

function wordsOfFloat(value: number): readonly number[] {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value);
  return [view.getUint16(2), view.getUint16(0)];
}

function floatOf([low = 0, high = 0]: readonly number[]): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint16(0, high);
  view.setUint16(2, low);
  return view.getFloat32(0);
}

function snapshotOf(text: string): Registers | null {
  try {
    const { enable, fallback, limit } = JSON.parse(text) as Partial<Registers>;
    if (enable === undefined || fallback === undefined || limit === undefined) return null;
    const isWhole = enable.length === 1 && fallback.length === 4 && limit.length === 2;
    const areWords = [...enable, ...fallback, ...limit].every(
      (word) => Number.isInteger(word) && word >= 0 && word <= 0xffff,
    );
    return isWhole && areWords ? { enable, fallback, limit } : null;
  } catch {
    return null;
  }
}
