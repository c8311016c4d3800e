/** What every profile says first: which devices it is for, how well it is known, and what an installer must do. */
import { Type, type Static, type TObject } from "@sinclair/typebox";
import { choice, closed, text } from "./schema-parts.ts";

const KINDS = ["meter", "inverter", "battery", "hybrid", "charger", "heat-pump", "plug", "gateway"] as const;
const LEVELS = ["facts", "single", "lab", "field"] as const;

const source = Type.Object(
  {
    title: text("What it is called", "Maker's protocol document"),
    url: Type.Optional(text("Where it is", "https://example.org/manual")),
    note: Type.Optional(text("What was taken from it, its licence", "addresses and units only")),
  },
  closed,
);

/** The fields, to be spread into a profile's schema. */
export const profileHeadFields = {
  schema: Type.Unsafe<1>({ type: "integer", enum: [1], description: "Version of this format", examples: [1] }),
  profile: Type.String({
    pattern: "^[a-z0-9]+(?:-[a-z0-9]+)*$",
    description: "The name that a gateway file uses",
    examples: ["eastron-sdm630"],
  }),
  version: Type.String({ pattern: "^\\d+\\.\\d+\\.\\d+$", description: "Semantic version", examples: ["1.0.0"] }),
  kind: choice(KINDS, "What the device is"),
  vendor: text("Who makes it", "Eastron"),
  models: Type.Array(text("A model", "SDM630-Modbus V2"), { minItems: 1, maxItems: 50 }),
  firmware: Type.Optional(text("Which firmware it holds for", "1.8.3 or later")),
  verified: choice(LEVELS, "Two sources agree; one source; an independent simulator; a real device"),
  sources: Type.Array(source, { minItems: 1, maxItems: 20, description: "Where the facts come from" }),
  requirements: Type.Array(text("What the installer must do", "Enable Modbus TCP"), { maxItems: 20 }),
  caveats: Type.Array(text("What to know", "The counters can be reset"), { maxItems: 20 }),
};

/** The fields as a file has them. */
export type ProfileHeadSection = Static<TObject<typeof profileHeadFields>>;

/** Which devices a profile is for, and how well it is known. */
export interface ProfileHead {
  readonly name: string;
  readonly version: string;
  readonly kind: (typeof KINDS)[number];
  readonly vendor: string;
  readonly models: readonly string[];
  readonly firmware: string | null;
  /** Two sources agree; one source; an independent simulator; a real device. */
  readonly verified: (typeof LEVELS)[number];
  readonly sources: readonly { readonly title: string; readonly url: string | null; readonly note: string | null }[];
  readonly requirements: readonly string[];
  readonly caveats: readonly string[];
}

/** The head of a file that passed the schema. */
export function readProfileHead(file: ProfileHeadSection): ProfileHead {
  const { profile: name, version, kind, vendor, models, firmware = null, verified, requirements, caveats } = file;
  const sources = file.sources.map(({ title, url = null, note = null }) => ({ title, url, note }));
  return { name, version, kind, vendor, models, firmware, verified, sources, requirements, caveats };
}
