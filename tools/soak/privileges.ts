/** What a part needs from the machine, and how to get it. */
import { spawnSync } from "node:child_process";
import { mosquittoHere } from "./devices/broker.ts";
import { inNamespace } from "./disk-part.ts";
import type { Part, SoakOptions } from "./round.ts";

const TRACED = ["strace", "-e", "trace=fsync", "true"];

/** Something that cannot be tried here. */
export interface Missing {
  readonly part: Part;
  /** Why, and what to do about it. */
  readonly reason: string;
  /** Whether the part can be tried without it. */
  readonly isPartial: boolean;
}

/** All that cannot be tried here. */
export function missingHere({ parts, nodes }: SoakOptions): readonly Missing[] {
  return parts.flatMap((part) => {
    const reason = whyNot(part, nodes);
    return reason === null ? [] : [{ part, reason, isPartial: part === "determinism" || part === "devices" }];
  });
}

/** Whether processes can be traced. */
export function isTracerHere(): boolean {
  return failureOf(TRACED, "") === null;
}

function whyNot(part: Part, nodes: readonly string[]): string | null {
  switch (part) {
    case "kill":
    case "fsync":
      return failureOf(TRACED, "apt-get install strace, and allow ptrace");
    case "disk":
      return failureOf(inNamespace(["mount", "-t", "tmpfs", "tmpfs", "/mnt"]), "be root, or allow user namespaces");
    case "devices":
      return mosquittoHere() !== null
        ? null
        : "with a broker that speaks MQTT 5, so that chargers are told something: apt-get install mosquitto";
    case "frames":
    case "gate":
    case "orders":
      return null;
    case "determinism":
      return nodes.length > 0
        ? null
        : "on another version of Node: none is named by --node PATH or in MICROMARKET_NODE_24";
  }
}

function failureOf([program = "", ...args]: readonly string[], mend: string): string | null {
  const { status, stderr, error } = spawnSync(program, args, { encoding: "utf8" });
  if (status === 0) return null;
  return `${(error?.message ?? stderr).trim().split("\n")[0] ?? ""}; ${mend}`;
}
