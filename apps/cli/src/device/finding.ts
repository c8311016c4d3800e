/** What a scan found: where something answers, what it may be, and what to write into a gateway file. */
import type { ProfileHead } from "@micromarket/device-profiles";
import type { Identity } from "@micromarket/link-modbus";

/** One profile that fits what answers. */
export interface Fit {
  readonly profile: string;
  /** The device said that it is one; or it gave the profile's points, and they make sense. */
  readonly by: "identity" | "values";
  readonly points: number;
  readonly pointsMax: number;
  /** Which of the unit's devices of its kind, where there are several. */
  readonly subdevice?: number;
  readonly head: Pick<ProfileHead, "kind" | "vendor" | "models" | "verified" | "requirements" | "caveats">;
}

/** Fields of a gateway file's device. */
export type EntryFields = { readonly [key: string]: string | number | EntryFields };

/** One device, or what looks like one. */
export interface Finding {
  readonly place: string;
  readonly identity: Identity | null;
  /** The best first. */
  readonly fits: readonly Fit[];
  /** Where it is, as a gateway file says it, without the profile. */
  readonly entry: EntryFields;
  readonly link: "modbus" | "mqtt";
}

/** The best first: who says who he is, then who gives most of his points. */
export function ranked(fits: readonly Fit[]): readonly Fit[] {
  const share = ({ points, pointsMax }: Fit): number => points / Math.max(1, pointsMax);
  const rank = (fit: Fit): number => (fit.by === "identity" ? 1_000 : 0) + 100 * share(fit) + fit.points / 1_000;
  return [...fits].sort((a, b) => rank(b) - rank(a) || (a.profile < b.profile ? -1 : 1));
}

/** In words, with what to write into the file; `number` makes the device's name. */
export function findingText({ place, identity, fits, entry, link }: Finding, number: number): string {
  const who = identity === null ? "" : `: ${identity.manufacturer} ${identity.model}, serial ${identity.serial}`;
  const [best] = fits;
  if (best === undefined) return `${place}${who}\n  answers, and no shipped profile fits\n`;
  const lines = fits.slice(0, 5).map((fit) => {
    const proof = fit.by === "identity" ? "says that it is one" : "its values make sense";
    return `  fits ${fit.profile}: ${proof}, ${fit.points} of ${fit.pointsMax} points, verified: ${fit.head.verified}`;
  });
  const needs = best.head.requirements.map((text) => `  needs: ${text}`);
  const subdevice = best.subdevice === undefined || best.subdevice === 0 ? {} : { subdevice: best.subdevice };
  const snippet = `  - id: ${best.head.kind}-${number}\n    ${link}: ${flow({ ...entry, ...subdevice, profile: best.profile })}`;
  return `${[`${place}${who}`, ...lines, ...needs, "  for the gateway file, under devices:", snippet].join("\n")}\n`;
}

function flow(fields: EntryFields): string {
  const pairs = Object.entries(fields).map(([key, value]) => {
    return `${key}: ${typeof value === "string" ? scalar(value) : typeof value === "number" ? value : flow(value)}`;
  });
  return `{ ${pairs.join(", ")} }`;
}

function scalar(text: string): string {
  return /^[A-Za-z][\w.-]*$|^\d+\.\d+\.\d+\.\d+$/.test(text) ? text : JSON.stringify(text);
}
