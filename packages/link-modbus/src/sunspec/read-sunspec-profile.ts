/** From the text of a SunSpec profile, and of an overlay that lies over it, to the profile. */
import { readdirSync, readFileSync } from "node:fs";
import { COUNTER_NAMES, type PointName } from "@micromarket/assets";
import type { Capability, ControlRules } from "@micromarket/control";
import { readControlRules, readProfileHead, type ControlSection } from "@micromarket/device-profiles";
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
import { readYaml, schemaCheck, type YamlPath, type YamlText } from "@micromarket/yaml-files";
import { referenceOf, type PointReference } from "./sunspec-models.ts";
import { isState } from "./operating-state.ts";
import type { SunspecManners, SunspecPointSpec, SunspecProfile } from "./sunspec-profile.ts";
import {
  SunspecOverlaySchema,
  SunspecProfileSchema,
  type SunspecControlsFile,
  type SunspecLinkFile,
  type SunspecOverlayFile,
  type SunspecPointFile,
  type SunspecProfileFile,
} from "./sunspec-schema.ts";

const SHIPPED = new URL("../../profiles/sunspec/", import.meta.url);
const COUNTERS: ReadonlySet<PointName> = new Set(COUNTER_NAMES);
const holdProfile = schemaCheck(SunspecProfileSchema);
const holdOverlay = schemaCheck(SunspecOverlaySchema);

type ReadFile = Result<SunspecProfile, readonly InputProblem[]>;
interface Place {
  readonly yaml: YamlText;
  readonly problems: ProblemLog;
  readonly path: YamlPath;
}

/** Reads a profile; `file` is the name that problems carry. All problems are told, in the order of the file. */
export function readSunspecProfile(text: string, file: string): ReadFile {
  const read = readChecked<SunspecProfileFile>(text, file, holdProfile);
  if (!read.ok) return read;
  const { yaml, content, problems } = read.value;
  const place: Place = { yaml, problems, path: [] };
  const points = pointsOf(content.points, content.max_age_s, place);
  const controls = controlsOf(content.controls, place);
  if (problems.count() > 0) return fail(problems.list());
  return ok({
    head: readProfileHead(content),
    manners: mannersOf(content.link),
    bases: content.bases,
    needsAny: content.needs_any,
    quirks: new Set(content.quirks),
    points,
    controls,
  });
}

/** Lays an overlay over a profile. One that says nothing of it is refused. */
export function readSunspecOverlay(text: string, file: string, base: SunspecProfile): ReadFile {
  const read = readChecked<SunspecOverlayFile>(text, file, holdOverlay);
  if (!read.ok) return read;
  const { yaml, content, problems } = read.value;
  const over = content.over[base.head.name];
  if (over === undefined) {
    const what = `nothing is said of ${base.head.name}`;
    problems.add(yaml.placeOf(["over"]), {
      code: "OVERLAY_FOREIGN",
      what,
      mend: `use one of: ${Object.keys(content.over).join(", ")}`,
    });
    return fail(problems.list());
  }
  const place: Place = { yaml, problems, path: ["over", base.head.name] };
  const maxAgeS = (base.points[0]?.maxAgeMs ?? 60_000) / 1_000;
  const points = pointsOf(over.points ?? {}, maxAgeS, place);
  const controls = controlsOf(over.controls, place);
  if (problems.count() > 0) return fail(problems.list());
  const names = new Set(points.map(({ point }) => point));
  const without = new Set<Capability>(over.without);
  return ok({
    ...base,
    head: { ...readProfileHead(content), name: `${base.head.name}-${content.profile}`, kind: base.head.kind },
    manners: { ...base.manners, ...mannersIn(content.link ?? {}), ...mannersIn(over.link ?? {}) },
    quirks: new Set(over.quirks ?? base.quirks),
    points: [...base.points.filter(({ point }) => !names.has(point)), ...points],
    controls: new Map([...base.controls, ...controls].filter(([capability]) => !without.has(capability))),
  });
}

/** The names that `loadSunspecProfile` takes: of profiles, and of a profile with an overlay. */
export function shippedSunspecProfiles(): readonly string[] {
  return [...shipped().keys()].sort();
}

/** The text of a profile that comes with the package and is no make's overlay, to write one like it. Throws where there is none. */
export function sunspecProfileText(name: string): string {
  return textOf(`${name}.yaml`);
}

/** A profile that comes with the package, or `null` where there is none of that name. */
export function loadSunspecProfile(name: string): SunspecProfile | null {
  const [base, overlay] = shipped().get(name) ?? [];
  if (base === undefined) return null;
  const profile = sound(readSunspecProfile(textOf(base), base));
  return overlay === undefined ? profile : sound(readSunspecOverlay(textOf(overlay), overlay, profile));
}

function shipped(): ReadonlyMap<string, readonly [string, string?]> {
  const files = readdirSync(SHIPPED).filter((file) => file.endsWith(".yaml"));
  const bases = files.filter((file) => file.startsWith("sunspec-"));
  const found = new Map<string, readonly [string, string?]>(bases.map((file) => [file.replace(/\.yaml$/, ""), [file]]));
  for (const file of files.filter((one) => !bases.includes(one))) {
    const read = readChecked<SunspecOverlayFile>(textOf(file), file, holdOverlay);
    const names = read.ok ? Object.keys(read.value.content.over) : [];
    for (const name of names) found.set(`${name}-${file.replace(/\.yaml$/, "")}`, [`${name}.yaml`, file]);
  }
  return found;
}

function sound(read: ReadFile): SunspecProfile {
  assert(read.ok, read.ok ? "" : read.error.map(formatProblem).join("\n"));
  return read.value;
}

function textOf(file: string): string {
  return readFileSync(new URL(file, SHIPPED), "utf8");
}

function readChecked<Content>(
  text: string,
  file: string,
  hold: ReturnType<typeof schemaCheck>,
): Result<{ yaml: YamlText; content: Content; problems: ProblemLog }, readonly InputProblem[]> {
  const yaml = readYaml(text, file);
  if (!yaml.ok) return yaml;
  const problems = problemLog();
  hold(yaml.value, problems);
  return problems.count() > 0
    ? fail(problems.list())
    : ok({ yaml: yaml.value, content: yaml.value.value as Content, problems });
}

function pointsOf(points: SunspecProfileFile["points"], maxAgeS: number, place: Place): readonly SunspecPointSpec[] {
  const entries = Object.entries(points) as [PointName, SunspecPointFile][];
  return entries.map(([point, section]) =>
    pointOf(point, section, maxAgeS, { ...place, path: [...place.path, "points", point] }),
  );
}

function pointOf(
  point: PointName,
  section: SunspecPointFile,
  maxAgeS: number,
  { yaml, problems, path }: Place,
): SunspecPointSpec {
  const candidates = section.sunspec.flatMap((text, index) => {
    const found = referenceOf(text);
    const where = yaml.placeOf([...path, "sunspec", index]);
    if (found === null) {
      const mend = "write model:point as the SunSpec models name them, such as 103:W";
      problems.add(where, { code: "POINT_UNKNOWN", what: `${text} is no point that is known`, mend });
    } else if (!fitsUnit(point, found)) {
      const what = `${text} is in ${found.place.unit ?? "no unit"}, which is not that of ${point}`;
      problems.add(where, { code: "POINT_UNIT", what, mend: "take a point of the same quantity" });
    }
    return found === null ? [] : [found];
  });
  const { valid = null, counter } = section;
  if (valid !== null && valid.min > valid.max) {
    problems.add(yaml.placeOf([...path, "valid"]), {
      code: "RANGE_REVERSED",
      what: "min is greater than max",
      mend: "swap the two",
    });
  }
  if (COUNTERS.has(point) !== (counter !== undefined)) {
    const isMissing = counter === undefined;
    const mend = isMissing ? "add counter: { resets: …, balance: … }" : "delete this key";
    const complaint = { what: isMissing ? `${point} does not say how it counts` : `${point} is no counter`, mend };
    problems.add(yaml.placeOfKey(isMissing ? path : [...path, "counter"]), {
      code: isMissing ? "COUNTER_MISSING" : "COUNTER_UNEXPECTED",
      ...complaint,
    });
  }
  const maxAgeMs = (section.max_age_s ?? maxAgeS) * 1_000;
  return { point, candidates, sign: section.sign === "invert" ? -1 : 1, maxAgeMs, valid, counter: counter ?? null };
}

/** SunSpec's units of what a reading's name ends with. */
const UNITS: readonly (readonly [RegExp, RegExp])[] = [
  [/_w$/, /^W$/],
  [/_wh$/, /^Wh$/i],
  [/_mv$/, /^V$/],
  [/_ma$/, /^A$/],
  [/_mhz$/, /^Hz$/],
  [/_mc$/, /^C$/],
  [/_ppm$/, /^(?:Pct|%.*)$/],
];

function fitsUnit(point: PointName, reference: PointReference): boolean {
  if (point === "operating_state") return isState(reference);
  const [, unit] = UNITS.find(([name]) => name.test(point)) ?? [];
  return unit !== undefined && unit.test(reference.place.unit ?? "");
}

function controlsOf(
  controls: SunspecControlsFile | undefined,
  { yaml, problems, path }: Place,
): ReadonlyMap<Capability, ControlRules> {
  const sections = Object.entries(controls ?? {}) as [Capability, ControlSection][];
  return new Map(
    sections.map(([capability, section]) => {
      const place = { yaml, problems, path: [...path, "controls", capability] };
      return [capability, readControlRules(capability, section, place)];
    }),
  );
}

function mannersOf(link: SunspecLinkFile): SunspecManners {
  const usual = {
    port: 502,
    unitProbe: [1],
    maxRegisters: 100,
    timeoutMs: 2_000,
    gapMs: 0,
    connectDelayMs: 0,
    clientsMax: null,
  };
  return { ...usual, singleWrite: 16, ...mannersIn(link) };
}

function mannersIn(link: SunspecLinkFile): Partial<SunspecManners> {
  const told = {
    ...{ port: link.port, unitProbe: link.unit_probe, maxRegisters: link.max_registers, timeoutMs: link.timeout_ms },
    ...{
      gapMs: link.gap_ms,
      connectDelayMs: link.connect_delay_ms,
      clientsMax: link.max_clients,
      singleWrite: link.single_write,
    },
  };
  return Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined));
}
