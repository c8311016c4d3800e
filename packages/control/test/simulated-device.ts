/**
 * A device with one control, as pure data that moves on when told the time: a value, a timer that lets go of it, somebody
 * else who writes too, and faults: replies that get lost, writes that do nothing, values that become others.
 */
import type { ControlAction, ControlFailure, ControlRules, ControlState } from "@micromarket/control";
import { fail, ok, type Result } from "@micromarket/kernel";

export type Fault = "none" | "lost-reply" | "lost-request" | "refused" | "silent";

interface Stored {
  value: number;
  isActive: boolean;
}

export class SimulatedDevice {
  stored: Stored;
  readonly writes: { at: number; value: number; kind: "write" | "restore" }[] = [];
  /** What the device makes of a written value. */
  bend: (value: number) => number = (value) => value;
  objections: readonly string[] = [];
  isReadable = true;
  foreign: Stored;
  private expiresAt: number | null = null;
  private fallback: number | null = null;
  private readonly rules: ControlRules;

  constructor(rules: ControlRules, value: number, isActive = true) {
    this.rules = rules;
    this.stored = { value, isActive };
    this.foreign = { value, isActive };
  }

  /** What time does. */
  moveTo(at: number): void {
    if (this.expiresAt === null || at < this.expiresAt) return;
    this.expiresAt = null;
    this.stored = this.fallback === null ? { ...this.foreign } : { value: this.fallback, isActive: true };
  }

  /** Somebody else writes: no timer of ours runs any more. */
  writeForeign(value: number): void {
    this.foreign = { value, isActive: true };
    this.stored = { ...this.foreign };
    this.expiresAt = null;
  }

  carryOut(action: ControlAction, at: number, fault: Fault): Result<ControlState | null, ControlFailure> {
    this.moveTo(at);
    if (action.kind === "read") return fault === "none" ? ok(this.state()) : fail(unreadable);
    if (fault === "refused") return fail({ code: "NOT_DONE", detail: "busy" });
    if (fault === "none" || fault === "lost-reply") this.obey(action, at);
    return fault === "none" ? ok(null) : fail({ code: "UNKNOWN", detail: "no reply" });
  }

  private obey(action: Exclude<ControlAction, { kind: "read" }>, at: number): void {
    if (action.kind === "restore") {
      this.stored = JSON.parse(action.snapshot) as Stored;
      this.expiresAt = null;
      this.writes.push({ at, value: this.stored.value, kind: "restore" });
      return;
    }
    this.writes.push({ at, value: action.value, kind: "write" });
    this.stored = { value: this.bend(action.value), isActive: true };
    const { reversion } = this.rules;
    this.expiresAt = reversion.kind === "none" ? null : at + reversion.afterMs;
    this.fallback = action.terms.fallback;
  }

  private state(): ControlState {
    const { value, isActive } = this.stored;
    const revertsInMs = this.expiresAt;
    const snapshot = JSON.stringify({ value, isActive });
    return { value: this.isReadable ? value : null, isActive, revertsInMs, objections: this.objections, snapshot };
  }
}

const unreadable: ControlFailure = { code: "UNREADABLE", detail: "no reply" };
