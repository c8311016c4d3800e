/** The parts that points, checks and controls of a profile have in common, from the file's form to the reader's. */
import type { ProblemLog } from "@micromarket/kernel";
import type { YamlPath, YamlText } from "@micromarket/yaml-files";
import type { LinkSection } from "./link-section.ts";
import { registersOf, type Encoding, type RegisterCheck } from "./encoding.ts";
import type { CheckSection, EncodingSection } from "./schema-parts.ts";

/** A profile whose parts are each as the schema wants them. */
export interface ProfileReading {
  readonly yaml: YamlText;
  readonly link: LinkSection;
  readonly problems: ProblemLog;
}

/** How a number is kept: what the section says, else what the profile says. */
export function encodingOf(link: LinkSection, section: EncodingSection): Encoding {
  const { map } = section;
  return {
    type: section.type,
    wordOrder: section.word_order ?? link.word_order,
    byteOrder: section.byte_order ?? link.byte_order ?? "big",
    multiply: section.multiply ?? 1,
    pow10: section.pow10 ?? 0,
    sign: section.sign === "invert" ? -1 : 1,
    map: map === undefined ? null : new Map(Object.entries(map).map(([raw, value]) => [Number(raw), value])),
    notAvailable: (section.not_available ?? []).map((pattern) => pattern.slice(2).toUpperCase()),
  };
}

/** Tells what of an encoding does not fit: the patterns' lengths, a map that scales as well. */
export function checkEncoding({ yaml, problems }: ProfileReading, path: YamlPath, section: EncodingSection): void {
  const count = registersOf(section.type);
  for (const [index, pattern] of (section.not_available ?? []).entries()) {
    if (pattern.length === 2 + 4 * count) continue;
    const what = `${pattern} has ${pattern.length - 2} digits, ${section.type} has ${4 * count}`;
    const mend = "write four digits for each register";
    problems.add(yaml.placeOf([...path, "not_available", index]), { code: "SENTINEL_LENGTH", what, mend });
  }
  const { map, pow10, multiply, sign, type } = section;
  const isScaled = pow10 !== undefined || multiply !== undefined || sign !== undefined;
  if (map === undefined || (!isScaled && !/^float|64$/.test(type))) return;
  const what = "what a map lists is neither scaled nor a float, nor longer than 32 bits";
  const complaint = { code: "MAP_UNFIT", what, mend: "take pow10, multiply and sign out, or the map" };
  problems.add(yaml.placeOfKey([...path, "map"]), complaint);
}

/** Tells where `count` registers from `address` on end behind the last one. */
export function checkRange(
  { yaml, problems }: ProfileReading,
  path: YamlPath,
  { address, count, what }: { readonly address: number; readonly count: number; readonly what: string },
): void {
  if (address + count <= 0x1_0000) return;
  problems.add(yaml.placeOf(path), {
    code: "ADDRESS_OUT_OF_RANGE",
    what: `${what} at ${address} ends behind register 65535`,
    mend: "addresses are those on the wire, from 0",
  });
}

/** A check of registers; what it lacks, or says twice, is told. */
export function readRegisterCheck(reading: ProfileReading, path: YamlPath, section: CheckSection): RegisterCheck {
  const { type = "uint16", one_of: values, min, max, starts_with: start } = section;
  const said = [values, min ?? max, start].filter((condition) => condition !== undefined).length;
  const complain = (code: string, what: string, mend: string): void =>
    reading.problems.add(reading.yaml.placeOf(path), { code, what, mend });
  if (said !== 1) {
    const what = said === 0 ? "this check says nothing" : "this check says more than one thing";
    complain("CHECK_UNFIT", what, "write one of: one_of, starts_with, or min and max");
  }
  if (start === undefined && min !== undefined && max !== undefined && min > max) {
    complain("RANGE_REVERSED", "min is greater than max", "swap the two");
  }
  const count = start === undefined ? registersOf(type) : Math.ceil(start.length / 2);
  checkRange(reading, [...path, "address"], { address: section.address, count, what: "this check" });
  const encoding = encodingOf(reading.link, { type });
  const place = {
    ...{ what: section.what, unit: section.unit ?? null },
    ...{ function: section.function, address: section.address, count },
  };
  if (start !== undefined) return { ...place, expect: { kind: "text", start } };
  if (values !== undefined) return { ...place, expect: { kind: "one-of", encoding, values } };
  const { MIN_SAFE_INTEGER, MAX_SAFE_INTEGER } = Number;
  const bounds = { min: min ?? MIN_SAFE_INTEGER, max: max ?? MAX_SAFE_INTEGER };
  return { ...place, expect: { kind: "range", encoding, ...bounds } };
}
