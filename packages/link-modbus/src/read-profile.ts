/** From a profile's text to the profile: YAML, schema, what a schema cannot say, defaults. */
import { readFileSync, readdirSync } from "node:fs";
import type { PointName } from "@micromarket/assets";
import { readCounter, readProfileHead } from "@micromarket/device-profiles";
import { assert, fail, formatProblem, ok, problemLog, type InputProblem, type Result } from "@micromarket/kernel";
import { schemaCheck, readYaml } from "@micromarket/yaml-files";
import { checkPoint } from "./check-point.ts";
import { readControls } from "./read-control.ts";
import { encodingOf, readRegisterCheck, type ProfileReading } from "./read-parts.ts";
import { ProfileSchema, type PointFile, type ProfileFile } from "./profile-schema.ts";
import type { ControlSpec } from "./control-spec.ts";
import type { RegisterCheck } from "./encoding.ts";
import type { DeviceProfile, PointSpec } from "./profile.ts";

const SHIPPED = new URL("../profiles/", import.meta.url);
const holdAgainstSchema = schemaCheck(ProfileSchema);

/** Reads a profile; `file` is the name that problems carry. All problems are told, in the order of the file. */
export function readProfile(text: string, file: string): Result<DeviceProfile, readonly InputProblem[]> {
  const yaml = readYaml(text, file);
  if (!yaml.ok) return yaml;
  const problems = problemLog();
  holdAgainstSchema(yaml.value, problems);
  if (problems.count() > 0) return fail(problems.list());
  const content = yaml.value.value as ProfileFile;
  const reading: ProfileReading = { yaml: yaml.value, link: content.link, problems };
  for (const [name, point] of pointsOf(content)) checkPoint(reading, name, point);
  const identify = (content.identify ?? []).map((check, index) =>
    readRegisterCheck(reading, ["identify", index], check),
  );
  const controls = readControls(reading, content.controls ?? {});
  return problems.count() > 0 ? fail(problems.list()) : ok(profileOf(content, identify, controls));
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

function profileOf(
  content: ProfileFile,
  identify: readonly RegisterCheck[],
  controls: readonly ControlSpec[],
): DeviceProfile {
  const { link } = content;
  return {
    head: readProfileHead(content),
    unit: link.unit,
    unitProbe: [...new Set([link.unit, ...(link.unit_probe ?? [])])],
    port: link.port ?? null,
    framings: link.framing,
    baud: link.baud ?? null,
    maxConnections: link.max_connections ?? null,
    writeFunctions: link.write_fc ?? [6, 16],
    maxRegisters: link.max_registers,
    allZero: content.all_zero ?? "valid",
    maxGapRegisters: link.max_gap_registers ?? 0,
    timeoutMs: link.timeout_ms ?? 1_000,
    turnaroundMs: link.turnaround_ms ?? null,
    gapMs: link.gap_ms ?? 0,
    connectDelayMs: link.connect_delay_ms ?? 0,
    identify,
    points: pointsOf(content).map(([name, point]) => specOf(content, name, point)),
    controls,
  };
}

function specOf(content: ProfileFile, name: PointName, point: PointFile): PointSpec {
  const { plus = [], minus = [] } = point;
  return {
    ...encodingOf(content.link, point),
    point: name,
    function: point.function,
    address: point.address,
    addends: [
      ...plus.map((address) => ({ address, sign: 1 as const })),
      ...minus.map((address) => ({ address, sign: -1 as const })),
    ],
    poll: point.poll ?? "fast",
    valid: point.valid ?? null,
    maxAgeMs: (point.max_age_s ?? content.max_age_s) * 1_000,
    counter: point.counter === undefined ? null : readCounter(point.counter),
  };
}
