/** What a schema cannot say of a point: things that must fit each other. */
import { COUNTER_NAMES, type PointName } from "@micromarket/assets";
import { checkEncoding, checkRange, type ProfileReading } from "./read-parts.ts";
import type { PointFile } from "./profile-schema.ts";
import { registersOf } from "./encoding.ts";

const COUNTERS: ReadonlySet<PointName> = new Set(COUNTER_NAMES);

/** Tells what is wrong with one point that passed the schema. */
export function checkPoint(reading: ProfileReading, name: PointName, point: PointFile): void {
  const { yaml, link, problems } = reading;
  const path = ["points", name];
  const count = registersOf(point.type);
  if (count > link.max_registers) {
    const what = `${point.type} takes ${count} registers, "max_registers" is ${link.max_registers}`;
    const mend = "raise max_registers, or use a shorter type";
    problems.add(yaml.placeOf([...path, "type"]), { code: "TYPE_TOO_LONG", what, mend });
  }
  checkRange(reading, [...path, "address"], { address: point.address, count, what: point.type });
  checkSum(reading, name, point);
  checkEncoding(reading, path, point);
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

/** The parts of a sum are read with one question: parts of two moments make no value. */
function checkSum({ yaml, link, problems }: ProfileReading, name: PointName, point: PointFile): void {
  const parts = [...(point.plus ?? []), ...(point.minus ?? [])];
  if (parts.length === 0) return;
  const key = ["points", name, point.plus === undefined ? "minus" : "plus"];
  const addresses = [point.address, ...parts];
  const count = registersOf(point.type);
  const span = Math.max(...addresses) + count - Math.min(...addresses);
  if (span > link.max_registers || Math.max(...addresses) + count > 0x1_0000) {
    const what = `the parts of ${name} span ${span} registers, "max_registers" is ${link.max_registers}`;
    problems.add(yaml.placeOfKey(key), { code: "SUM_TOO_WIDE", what, mend: "add only what one question can read" });
  }
  if (point.map === undefined) return;
  const complaint = { code: "MAP_UNFIT", what: "what a map lists is not added up", mend: "take plus and minus out" };
  problems.add(yaml.placeOfKey(key), complaint);
}
