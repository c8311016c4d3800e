/**
 * The right to control a device, and the memory of what it held: a command's own, or the gateway's that the file belongs to.
 *
 * Invariants: of all programs that use one folder, one controls at a time (the lock is the journal's: while it is held no
 * gateway starts). What a device held is on disk before the first frame, in the memory that the gateway reads too: whoever
 * comes next gives back what a crash left.
 */
import { mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { controlPath, type Capability } from "@micromarket/control";
import { JournalFailure } from "@micromarket/engine";
import { ControlMemoryFailure, journalPath, openControlMemory, type ControlMemory } from "@micromarket/gateway";
import { fail, ok, type InputProblem, type Result } from "@micromarket/kernel";
import { isJournalInUse, takeWriterLock } from "@micromarket/store-sqlite";
import { wrongWords, type ChosenDevice } from "./find-device.ts";

/** What opens a device's controls on the command line. */
export interface ControlOptions {
  readonly unlock?: readonly string[];
  readonly state?: string;
}

/** The right to control, until it is released. */
export interface ControlPlace {
  readonly memory: ControlMemory;
  release(): void;
}

/** Where what is held is remembered. */
export function stateFolder({ gateway }: ChosenDevice, { state }: ControlOptions): string {
  if (state !== undefined) return resolve(state);
  if (gateway !== null) return gateway.dataDirectory;
  const base = process.env["XDG_STATE_HOME"];
  return join(base === undefined || base === "" ? join(homedir(), ".local", "state") : base, "micromarket");
}

/** The name of a control in the memory. */
export function memoryPath({ device, gateway }: ChosenDevice, capability: Capability): string {
  const place = gateway === null ? placeOf(device) : gateway.name;
  return controlPath({ site: place, device: device.id, capability });
}

/** The first lock that is closed; `null`: all are open. The file's word counts for its devices, `--unlock` for others. */
export function lockComplaint(
  { device, gateway }: ChosenDevice,
  capability: Capability,
  { unlock = [] }: ControlOptions,
): InputProblem | null {
  if (gateway === null) {
    if (unlock.includes(capability)) return null;
    const what = `nothing was opened to write ${capability} to this device`;
    return wrongWords("CONTROL_LOCKED", what, `add --unlock ${capability}`);
  }
  const complaint = (code: string, what: string, mend: string): InputProblem => {
    return { file: gateway.file, line: 1, column: 1, code, what, mend };
  };
  if (!gateway.isControlEnabled) {
    return complaint("CONTROL_DISABLED", "the site is read-only", "write control: { enabled: true } into the file");
  }
  if (device.control.includes(capability)) return null;
  const what = `the file does not allow ${capability} of "${device.id}"`;
  return complaint("CONTROL_LOCKED", what, `write control: [${capability}] at the device`);
}

/** Whether somebody else has the right to control now: in words for an operator. */
export function rivalComplaint(chosen: ChosenDevice, options: ControlOptions): InputProblem | null {
  return isJournalInUse(lockedFile(chosen, options)) ? rival(chosen) : null;
}

/** Takes the right to control. */
export function takeControl(chosen: ChosenDevice, options: ControlOptions): Result<ControlPlace, InputProblem> {
  const folder = stateFolder(chosen, options);
  try {
    mkdirSync(folder, { recursive: true });
    const lock = takeWriterLock(lockedFile(chosen, options), 0);
    try {
      return ok({ memory: openControlMemory(folder), release: () => lock.release() });
    } catch (error) {
      lock.release();
      throw error;
    }
  } catch (error) {
    if (error instanceof JournalFailure && error.code === "JOURNAL_IN_USE") return fail(rival(chosen));
    if (error instanceof ControlMemoryFailure) {
      const mend = "devices may hold values of ours: look at each, set it by hand, and move the file away";
      return fail(wrongWords("STATE_DAMAGED", error.message, mend));
    }
    const what = `${folder} cannot be written to (${error instanceof Error ? error.message : String(error)})`;
    return fail(wrongWords("STATE_UNWRITABLE", what, "give write access, or name another folder with --state"));
  }
}

function rival({ gateway }: ChosenDevice): InputProblem {
  if (gateway === null) {
    const what = "another command controls a device with this state folder";
    return wrongWords("STATE_IN_USE", what, "wait until it has ended");
  }
  const what = "a gateway, or another command, runs on this file: two controllers would fight over the device";
  return { file: gateway.file, line: 1, column: 1, code: "GATEWAY_RUNS", what, mend: "stop it first" };
}

/** The journal of the file, also where `--state` names another folder: the gateway must be kept out. */
function lockedFile(chosen: ChosenDevice, options: ControlOptions): string {
  const { gateway } = chosen;
  return gateway === null ? join(stateFolder(chosen, options), "controls.json") : journalPath(gateway);
}

function placeOf(device: ChosenDevice["device"]): string {
  if (device.link === "mqtt") return `${device.broker} ${device.topicId}`;
  const { target, unit } = device;
  const line = "path" in target ? target.path : `${target.host}:${target.port}`;
  return `${line} unit ${unit ?? device.profile.head.name}`;
}
