/** Parameters: what stands for `{name}` in a profile's topics, paths and numbers. `{id}` is the device's and stays. */
import type { ProblemLog } from "@micromarket/kernel";
import type { YamlText } from "@micromarket/yaml-files";
import type { ProfileParameters } from "./profile.ts";
import type { ParameterFile } from "./profile-schema.ts";

/** What fills the placeholders; those of `absent` are optional and were not given. */
export interface ParameterValues {
  readonly given: ReadonlyMap<string, string | number>;
  readonly absent: ReadonlySet<string>;
}

const VALUE = /^[^\p{Cc}\p{Surrogate}{}+#]{1,200}$/u;
const INTEGER = /^-?\d{1,12}$/;
const PLACEHOLDER = /\{([a-z0-9_]+)\}/g;

/** The sections that placeholders are filled in. */
const SECTIONS = ["availability", "heartbeat", "wake", "topics", "controls"];

/** The values of the parameters that `known` declares: what is given goes before what is usual. */
export function parameterValues(
  known: Readonly<Record<string, ParameterFile>>,
  given: ProfileParameters,
  { yaml, problems }: { readonly yaml: YamlText; readonly problems: ProblemLog },
): ParameterValues {
  for (const name of Object.keys(given).filter((key) => !Object.hasOwn(known, key))) {
    const what = `the profile has no parameter "${name}"`;
    const mend = `give only: ${Object.keys(known).join(", ") || "none"}`;
    problems.add(yaml.placeOf(["params"]), { code: "PARAMETER_UNKNOWN", what, mend });
  }
  const values = new Map<string, string | number>();
  const absent = new Set<string>();
  for (const [name, { about, type = "text", default: usual, optional = false }] of Object.entries(known)) {
    const complain = (code: string, what: string, mend: string): void =>
      problems.add(yaml.placeOfKey(["params", name]), { code, what: `parameter "${name}" ${what}`, mend });
    const value = (Object.hasOwn(given, name) ? given[name] : undefined) ?? usual?.toString();
    if (value === undefined && optional) absent.add(name);
    else if (value === undefined) complain("PARAMETER_MISSING", "has no value", `give it: ${about}`);
    else if (type === "integer" && !INTEGER.test(value)) {
      complain("PARAMETER_INVALID", `is ${JSON.stringify(value)}`, "write a whole number");
    } else if (!VALUE.test(value)) {
      complain("PARAMETER_INVALID", `is ${JSON.stringify(value)}`, "use 1 to 200 characters, none of { } + #");
    } else values.set(name, type === "integer" ? Number(value) : value);
  }
  return { given: values, absent };
}

/** The text with its placeholders filled; those that name nothing stay. */
export function fill(template: string, values: ParameterValues): string {
  return template.replace(PLACEHOLDER, (whole, name: string) => values.given.get(name)?.toString() ?? whole);
}

/** Whether a text waits for an optional parameter that was not given. */
export function isAbsent(text: string, { absent }: ParameterValues): boolean {
  return [...text.matchAll(PLACEHOLDER)].some(([, name = ""]) => absent.has(name));
}

/** The profile's text with every placeholder filled. A number's placeholder, alone in its scalar, becomes the number. */
export function filledText(yaml: YamlText, values: ParameterValues): YamlText {
  const file = yaml.value as Readonly<Record<string, unknown>>;
  const sections = SECTIONS.filter((name) => Object.hasOwn(file, name));
  return {
    ...yaml,
    value: { ...file, ...Object.fromEntries(sections.map((name) => [name, filledValue(file[name], values)])) },
    sourceOf: (path) => {
      const source = yaml.sourceOf(path);
      return source === null || !SECTIONS.includes(String(path[0])) ? source : fill(source, values);
    },
  };
}

function filledValue(value: unknown, values: ParameterValues): unknown {
  if (typeof value === "string") {
    const name = /^\{([a-z0-9_]+)\}$/.exec(value)?.[1];
    const alone = name === undefined ? undefined : values.given.get(name);
    return typeof alone === "number" ? alone : fill(value, values);
  }
  if (Array.isArray(value)) return value.map((element) => filledValue(element, values));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, filledValue(member, values)]));
}
