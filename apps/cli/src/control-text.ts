/** Which controls are open, and which lock keeps the others closed, in words. */
import type { ControlStanding } from "@micromarket/gateway";

const LOCKS: Readonly<Record<"site" | "control", string>> = {
  site: "closed: the file does not say control: { enabled: true }",
  control: "closed: the device's own control does not name it",
};

/** One line of text, without the device. */
export function standingText({ capability, closedBy }: ControlStanding): string {
  return `${capability} is ${closedBy === null ? "open, once the gateway runs with --allow-control" : LOCKS[closedBy]}`;
}
