/** The controls of a register profile, from the file's form to the link's; what does not fit together is told. */
import type { Capability } from "@micromarket/control";
import { readControlRules } from "@micromarket/device-profiles";
import type { YamlPath } from "@micromarket/yaml-files";
import { STEP_TYPES, type RegisterControlSection, type StepSection } from "./control-schema.ts";
import type { ControlSpec, StepNumber, StepValue, WriteStep } from "./control-spec.ts";
import { checkEncoding, checkRange, encodingOf, readRegisterCheck, type ProfileReading } from "./read-parts.ts";
import { registersOf, type Encoding, type RegisterType } from "./encoding.ts";

/** All controls of a file that passed the schema. */
export function readControls(
  reading: ProfileReading,
  controls: Readonly<Record<string, RegisterControlSection | undefined>>,
): readonly ControlSpec[] {
  return Object.entries(controls).flatMap(([name, section]) =>
    section === undefined ? [] : [readControl(reading, name as Capability, section)],
  );
}

function readControl(reading: ProfileReading, capability: Capability, section: RegisterControlSection): ControlSpec {
  const path = ["controls", capability];
  const { readback, precheck = [], activation, write } = section;
  checkEncoding(reading, [...path, "readback"], readback);
  const encoding = encodingOf(reading.link, readback);
  const count = registersOf(readback.type);
  checkRange(reading, [...path, "readback", "address"], { address: readback.address, count, what: readback.type });
  checkMap(reading, path, encoding);
  const check = (key: YamlPath, found: (typeof precheck)[number]) =>
    readRegisterCheck(reading, [...path, ...key], found);
  const steps = write.map((step, index) => readStep(reading, [...path, "write", index], step, encoding));
  const isValueWritten = steps.some(({ values }) => values.some(({ number }) => number === "$value"));
  if (!isValueWritten) {
    const complaint = { code: "VALUE_UNUSED", what: `no frame of ${capability} carries $value`, mend: "add $value" };
    reading.problems.add(reading.yaml.placeOfKey([...path, "write"]), complaint);
  }
  return {
    rules: readControlRules(capability, section, { yaml: reading.yaml, problems: reading.problems, path }),
    readback: { function: readback.function, address: readback.address, encoding },
    prechecks: precheck.map((found, index) => check(["precheck", index], found)),
    activation: activation === undefined ? null : check(["activation"], activation),
    steps,
  };
}

/** What is written must have one raw number. */
function checkMap({ yaml, problems }: ProfileReading, path: YamlPath, { map }: Encoding): void {
  if (map === null || new Set(map.values()).size === map.size) return;
  const what = "two raw numbers stand for one value: which is to be written is not known";
  const mend = "leave one of them out; what is left out reads as no value";
  problems.add(yaml.placeOfKey([...path, "readback", "map"]), { code: "MAP_AMBIGUOUS", what, mend });
}

function readStep(reading: ProfileReading, path: YamlPath, step: StepSection, encoding: Encoding): WriteStep {
  const values = step.values.map((value) => stepValue(value));
  const count = values.reduce(
    (sum, value) => sum + registersOf(value.kind === "scaled" ? encoding.type : value.type),
    0,
  );
  const complain = (key: string, code: string, what: string, mend: string): void =>
    reading.problems.add(reading.yaml.placeOf([...path, key]), { code, what, mend });
  if (!(reading.link.write_fc ?? [6, 16]).includes(step.function)) {
    complain("function", "WRITE_FUNCTION", `write_fc does not list ${step.function}`, "use a function of write_fc");
  }
  if (step.function === 6 && count !== 1) {
    complain("values", "WRITE_LENGTH", `function 6 writes one register, these are ${count}`, "use function 16");
  }
  if (step.bit !== undefined && (count !== 1 || step.write_only === true)) {
    const what = "a bit is changed in one register that can be read";
    complain("bit", "WRITE_BIT", what, "write one value, and take write_only out");
  }
  checkRange(reading, [...path, "address"], { address: step.address, count, what: "this frame" });
  const { function: code, address, bit = null, write_only: isWriteOnly = false } = step;
  return { function: code, address, count, bit, isWriteOnly, values };
}

function stepValue(value: StepSection["values"][number]): StepValue {
  if (typeof value === "object") {
    const [[type, number] = ["u16", 0]] = Object.entries(value);
    return { kind: "plain", number: number as StepNumber, type: STEP_TYPES[type as keyof typeof STEP_TYPES] };
  }
  if (value === "$value" || value === "$fallback") return { kind: "scaled", number: value };
  const type: RegisterType = typeof value === "number" && value < 0 ? "int16" : "uint16";
  return { kind: "plain", number: value as StepNumber, type };
}
