/** Options that several commands share, and how their values are read. */
import { instantMs, parseInstant, type InstantMs } from "@micromarket/kernel";
import { InvalidArgumentError, Option } from "commander";

/** What `--json` does. */
export const JSON_OPTION = "data on standard output as JSON, problems on standard error as JSON";

/** What `--quiet` does. */
export const QUIET_OPTION = "no banner, no progress";

/** An option that takes an integer from `least` to `most`. */
export function integerOption(flags: string, description: string, least: number, most: number): Option {
  return new Option(flags, description).argParser((text: string) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It takes an integer from ${least} to ${most}.`);
  });
}

/** A seed: any safe integer. */
export function parseSeed(text: string): number {
  const seed = Number(text);
  if (/^-?\d+$/.test(text) && Number.isSafeInteger(seed)) return seed;
  throw new InvalidArgumentError("A seed is an integer.");
}

/** An instant in ISO 8601 with its zone. */
export function parseMoment(text: string): InstantMs {
  const instant = parseInstant(text);
  if (instant.ok) return instantMs(instant.value);
  throw new InvalidArgumentError("Write an instant like 2026-07-01T00:00Z.");
}
