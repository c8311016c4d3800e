/** The gateway file under examination, and its clock. */
import { complain, type MarketReading } from "@micromarket/data-files";
import { instantMs, parseInstant, type InstantMs } from "@micromarket/kernel";
import type { ClockConfig } from "./gateway-config.ts";
import type { GatewayFile } from "./gateway-schema.ts";

/** A gateway file under examination. Its parts return `null` after they have logged what is wrong. */
export interface GatewayReading extends MarketReading {
  readonly file: GatewayFile;
  /** As the user named it. */
  readonly path: string;
  /** The file's folder, absolute: other paths are relative to it. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Reads `clock`; the machine's by default. */
export function readClock(reading: GatewayReading): ClockConfig | null {
  const { clock = "real" } = reading.file;
  if (clock === "real") return { kind: "real", trust: "system" };
  if ("trust" in clock) return { kind: "real", trust: clock.trust };
  const { accelerated, epoch, anchor } = clock;
  const epochAt = instantAt(reading, "epoch", epoch);
  const anchorAt = anchor === undefined ? null : instantAt(reading, "anchor", anchor);
  if (epochAt === null || (anchor !== undefined && anchorAt === null)) return null;
  return { kind: "accelerated", speed: accelerated, epoch: epochAt, anchor: anchorAt };
}

function instantAt(reading: GatewayReading, key: "epoch" | "anchor", text: string): InstantMs | null {
  const instant = parseInstant(text);
  if (instant.ok) return instantMs(instant.value);
  const mend = "write it like 2026-06-01T04:00Z";
  return complain(reading, ["clock", key], { code: instant.error.code, what: `"${text}" is no time`, mend });
}
