/** From a profile's text to the profile: YAML, schema, what a schema cannot say, defaults. */
import { readFileSync, readdirSync } from "node:fs";
import type { PointName } from "@micromarket/assets";
import {
  assert,
  fail,
  formatProblem,
  ok,
  problemLog,
  type InputProblem,
  type ProblemLog,
  type Result,
} from "@micromarket/kernel";
import { schemaCheck, readYaml, type YamlText } from "@micromarket/yaml-files";
import { ProfileSchema, type PointFile, type ProfileFile } from "./profile-schema.ts";
import { registersOf, type CounterFacts, type DeviceProfile, type PointSpec } from "./profile.ts";

const SHIPPED = new URL("../profiles/", import.meta.url);
const COUNTERS: ReadonlySet<PointName> = new Set(["imported_wh", "exported_wh"]);
const holdAgainstSchema = schemaCheck(ProfileSchema);

/** Reads a profile; `file` is the name that problems carry. All problems are told, in the order of the file. */
export function readProfile(text: string, file: string): Result<DeviceProfile, readonly InputProblem[]> {
  const yaml = readYaml(text, file);
  if (!yaml.ok) return yaml;
  const problems = problemLog();
  holdAgainstSchema(yaml.value, problems);
  if (problems.count() > 0) return fail(problems.list());
  const content = yaml.value.value as ProfileFile;
  for (const [name, point] of pointsOf(content)) checkPoint({ yaml: yaml.value, content, problems }, name, point);
  return problems.count() > 0 ? fail(problems.list()) : ok(profileOf(content));
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
  assert(read.ok, read.ok ? "" : read.error.map(formatProblem).join("\n"));
  return read.value;
}

function pointsOf(content: ProfileFile): [PointName, PointFile][] {
  return Object.entries(content.points) as [PointName, PointFile][];
}

/** A profile whose parts are each as the schema wants them. */
interface ProfileReading {
  readonly yaml: YamlText;
  readonly content: ProfileFile;
  readonly problems: ProblemLog;
}

/** What a schema cannot say: things that must fit each other. */
function checkPoint({ yaml, content, problems }: ProfileReading, name: PointName, point: PointFile): void {
  const path = ["points", name];
  const count = registersOf(point.type);
  if (count > content.max_registers) {
    const what = `${point.type} takes ${count} registers, "max_registers" is ${content.max_registers}`;
    const mend = "raise max_registers, or use a shorter type";
    problems.add(yaml.placeOf([...path, "type"]), { code: "TYPE_TOO_LONG", what, mend });
  }
  if (point.address + count > 0x1_0000) {
    const what = `${point.type} at ${point.address} ends behind register 65535`;
    const mend = "addresses are those on the wire, from 0";
    problems.add(yaml.placeOf([...path, "address"]), { code: "ADDRESS_OUT_OF_RANGE", what, mend });
  }
  for (const [index, pattern] of (point.not_available ?? []).entries()) {
    if (pattern.length === 2 + 4 * count) continue;
    const what = `${pattern} has ${pattern.length - 2} digits, ${point.type} has ${4 * count}`;
    const mend = "write four digits for each register";
    problems.add(yaml.placeOf([...path, "not_available", index]), { code: "SENTINEL_LENGTH", what, mend });
  }
  if (point.valid !== undefined && point.valid.min > point.valid.max) {
    const complaint = { code: "RANGE_REVERSED", what: "min is greater than max", mend: "swap the two" };
    problems.add(yaml.placeOf([...path, "valid"]), complaint);
  }
  if (COUNTERS.has(name) && point.counter === undefined) {
    const what = `${name} does not say how it counts`;
    const mend = "add counter: { resolution_wh: …, width_bits: …, resets: …, balance: … }";
    problems.add(yaml.placeOfKey(path), { code: "COUNTER_MISSING", what, mend });
  }
  if (!COUNTERS.has(name) && point.counter !== undefined) {
    const complaint = { code: "COUNTER_UNEXPECTED", what: `${name} is no counter`, mend: "delete this key" };
    problems.add(yaml.placeOfKey([...path, "counter"]), complaint);
  }
}

function profileOf(content: ProfileFile): DeviceProfile {
  return {
    id: content.id,
    name: content.name,
    verified: content.verified,
    sources: content.sources.map(({ title, url = null, note = null }) => ({ title, url, note })),
    unit: content.unit,
    maxRegisters: content.max_registers,
    allZeroIsMissing: content.all_zero === "missing",
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
