/** From a profile's text to the profile: YAML, schema, what a schema cannot say, defaults. */
import { readFileSync, readdirSync } from "node:fs";
import type { PointName } from "@micromarket/assets";
import { assert, fail, ok, type Result } from "@micromarket/kernel";
import { checkProfile } from "./profile-check.ts";
import type { PointFile, ProfileFile } from "./profile-schema.ts";
import { formatProfileProblem, readProfileText, type ProfileProblem, type ProfileText } from "./profile-text.ts";
import { registersOf, type CounterFacts, type DeviceProfile, type PointSpec } from "./profile.ts";

const SHIPPED = new URL("../profiles/", import.meta.url);
const COUNTERS: ReadonlySet<PointName> = new Set(["imported_wh", "exported_wh"]);

/** Reads a profile; `file` is the name that problems carry. All problems are told, in the order of the file. */
export function readProfile(text: string, file: string): Result<DeviceProfile, readonly ProfileProblem[]> {
  const yaml = readProfileText(text, file);
  if (yaml.problems.length > 0) return fail(inOrder(yaml.problems));
  const checked = checkProfile(yaml);
  if (Array.isArray(checked)) return fail(inOrder(checked));
  const problems = pointsOf(checked).flatMap(([name, point]) => pointProblems(yaml, checked, name, point));
  return problems.length > 0 ? fail(inOrder(problems)) : ok(profileOf(checked));
}

/** The names that `loadProfile` takes. */
export function shippedProfiles(): readonly string[] {
  const files = readdirSync(SHIPPED).filter((file) => file.endsWith(".yaml"));
  return files.map((file) => file.replace(/\.yaml$/, "")).sort();
}

/** A profile that comes with the package, or `null` where there is none of that name. */
export function loadProfile(name: string): DeviceProfile | null {
  if (!shippedProfiles().includes(name)) return null;
  const read = readProfile(readFileSync(new URL(`${name}.yaml`, SHIPPED), "utf8"), `${name}.yaml`);
  assert(read.ok, read.ok ? "" : read.error.map(formatProfileProblem).join("\n"));
  return read.value;
}

function inOrder(problems: readonly ProfileProblem[]): ProfileProblem[] {
  return [...problems].sort((a, b) => a.line - b.line || a.column - b.column);
}

function pointsOf(content: ProfileFile): [PointName, PointFile][] {
  return Object.entries(content.points) as [PointName, PointFile][];
}

/** What a schema cannot say: things that must fit each other. */
function pointProblems(yaml: ProfileText, content: ProfileFile, name: PointName, point: PointFile): ProfileProblem[] {
  const path = ["points", name];
  const count = registersOf(point.type);
  const problems: ProfileProblem[] = [];
  if (count > content.max_registers) {
    const what = `${point.type} takes ${count} registers, "max_registers" is ${content.max_registers}`;
    problems.push(yaml.problemAt([...path, "type"], what, "raise max_registers, or use a shorter type"));
  }
  if (point.address + count > 0x1_0000) {
    const what = `${point.type} at ${point.address} ends behind register 65535`;
    problems.push(yaml.problemAt([...path, "address"], what, "addresses are those on the wire, from 0"));
  }
  for (const [index, pattern] of (point.not_available ?? []).entries()) {
    if (pattern.length === 2 + 4 * count) continue;
    const what = `${pattern} has ${pattern.length - 2} digits, ${point.type} has ${4 * count}`;
    problems.push(yaml.problemAt([...path, "not_available", index], what, "write four digits for each register"));
  }
  if (point.valid !== undefined && point.valid.min > point.valid.max) {
    problems.push(yaml.problemAt([...path, "valid"], "min is greater than max", "swap the two"));
  }
  if (COUNTERS.has(name) && point.counter === undefined) {
    const what = `${name} does not say how it counts`;
    problems.push(
      yaml.problemAtKey(path, what, "add counter: { resolution_wh: …, width_bits: …, resets: …, balance: … }"),
    );
  }
  if (!COUNTERS.has(name) && point.counter !== undefined) {
    problems.push(yaml.problemAtKey([...path, "counter"], `${name} is no counter`, "delete this key"));
  }
  return problems;
}

function profileOf(content: ProfileFile): DeviceProfile {
  return {
    id: content.id,
    name: content.name,
    verified: content.verified,
    sources: content.sources.map(({ title, url = null, note = null }) => ({ title, url, note })),
    unit: content.unit,
    maxRegisters: content.max_registers,
    maxGapRegisters: content.max_gap_registers ?? 0,
    timeoutMs: content.timeout_ms ?? 1_000,
    gapMs: content.gap_ms ?? 0,
    connectDelayMs: content.connect_delay_ms ?? 0,
    points: pointsOf(content).map(([name, point]) => specOf(content, name, point)),
  };
}

function specOf(content: ProfileFile, name: PointName, point: PointFile): PointSpec {
  return {
    point: name,
    function: point.function === 3 ? 3 : 4,
    address: point.address,
    type: point.type,
    wordOrder: point.word_order ?? content.word_order,
    byteOrder: point.byte_order ?? content.byte_order ?? "big",
    multiply: point.multiply ?? 1,
    pow10: point.pow10 ?? 0,
    sign: point.sign === "invert" ? -1 : 1,
    notAvailable: (point.not_available ?? []).map((pattern) => pattern.slice(2).toUpperCase()),
    valid: point.valid ?? null,
    maxAgeMs: (point.max_age_s ?? content.max_age_s) * 1_000,
    counter: counterOf(point.counter),
  };
}

function counterOf(counter: PointFile["counter"]): CounterFacts | null {
  if (counter === undefined) return null;
  return {
    resolutionWh: counter.resolution_wh,
    widthBits: counter.width_bits,
    wrapsAtWh: counter.wraps_at_wh ?? null,
    resets: counter.resets,
    balance: counter.balance,
  };
}
