/** Parts of a profile's file that points and controls have in common, made ready. */
import type { JsonPath, ValueProfile, WakeProfile } from "./profile.ts";
import type { PathFile, SourceFile } from "./schema-parts.ts";

/** What is published now and then, as the file has it. */
export function builtWake(wake: {
  readonly topic: string;
  readonly payload: string;
  readonly again?: string;
  readonly every_s: number;
}): WakeProfile {
  const { topic, payload, again = payload, every_s: everyS } = wake;
  return { topic, payload, again, everyMs: everyS * 1_000 };
}

/** Where a value stands, as the file has it. */
export function builtSource(file: SourceFile): Pick<ValueProfile, "path" | "element" | "map"> {
  const { path = [], element, map } = file;
  const words = map === undefined ? null : new Map(Object.entries(map).map(([word, value]) => [word, String(value)]));
  return { path: jsonPath(path), element: element ?? null, map: words };
}

/** A JSON pointer as keys: RFC 6901, section 4. */
export function jsonPath(path: PathFile): JsonPath {
  if (typeof path !== "string") return path;
  return path
    .split("/")
    .slice(1)
    .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** A path as one text, to look for placeholders in. */
export function pathText(path: PathFile): string {
  return typeof path === "string" ? path : path.join("/");
}
