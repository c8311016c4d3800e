/**
 * The three locks before every write: one for everything, one for each site, one for each capability of each device.
 *
 * Invariant: a path is open only where all three of its locks were opened by name. What nobody named is closed.
 */
import type { Capability } from "./capability.ts";

/** What was opened. */
export interface Locks {
  readonly isOpen: boolean;
  /** Ids of the sites that are open. */
  readonly openSites: ReadonlySet<string>;
  /** Capabilities of devices that are open, as `controlPath` names them. */
  readonly openControls: ReadonlySet<string>;
}

/** Which capability of which device, where. */
export interface ControlPlace {
  readonly site: string;
  readonly device: string;
  readonly capability: Capability;
}

/** Which of the three keeps a path closed; the first in this order is named. */
export const LOCK_NAMES = ["global", "site", "control"] as const;

/** One of the three locks. */
export type LockName = (typeof LOCK_NAMES)[number];

/** All locks closed: how every gateway begins. */
export const ALL_CLOSED: Locks = { isOpen: false, openSites: new Set(), openControls: new Set() };

/** A device's capability as one text. A device id that holds a space cannot stand for another's: the last word ends it. */
export function controlPath({ site, device, capability }: ControlPlace): string {
  return `${JSON.stringify(site)} ${JSON.stringify(device)} ${capability}`;
}

/** The first lock that keeps `place` closed; `null` where writes may pass. */
export function closedLock(locks: Locks, place: ControlPlace): LockName | null {
  if (!locks.isOpen) return "global";
  if (!locks.openSites.has(place.site)) return "site";
  return locks.openControls.has(controlPath(place)) ? null : "control";
}
