/** Profiles by name: the files that come with this package, or those of a folder of the user's. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compareText, fail, suggest, type InputProblem, type Result } from "@micromarket/kernel";
import type { DeviceProfile, ProfileParameters } from "./profile.ts";
import { readProfile } from "./read-profile.ts";

/** Where profiles are looked for, and what fills their parameters. */
export interface ProfileLookup {
  readonly params?: ProfileParameters;
  /** @default the folder of this package */
  readonly folder?: string;
}

const OWN_FOLDER = fileURLToPath(new URL("../profiles", import.meta.url));
const EXTENSION = ".yaml";

/** The names of the profiles in `folder`, in order. Throws where the folder cannot be read. */
export function profileNames(folder: string = OWN_FOLDER): string[] {
  const files = readdirSync(folder).filter((file) => file.endsWith(EXTENSION));
  return files.map((file) => file.slice(0, -EXTENSION.length)).sort(compareText);
}

/** The text of the profile called `name` that comes with this package, to write one like it. Throws where there is none. */
export function profileText(name: string): string {
  return readFileSync(join(OWN_FOLDER, `${name}${EXTENSION}`), "utf8");
}

/** The profile called `name`. */
export function loadProfile(name: string, lookup: ProfileLookup = {}): Result<DeviceProfile, readonly InputProblem[]> {
  const folder = lookup.folder ?? OWN_FOLDER;
  const file = join(folder, `${name}${EXTENSION}`);
  const names = profileNames(folder);
  if (!names.includes(name)) {
    const what = `there is no profile "${name}"`;
    return fail([{ file, line: 1, column: 1, code: "PROFILE_UNKNOWN", what, mend: suggest(name, names) }]);
  }
  const profile = readProfile(readFileSync(file, "utf8"), file, lookup.params);
  if (!profile.ok || profile.value.name === name) return profile;
  const what = `the file is named ${name}, the profile in it ${profile.value.name}`;
  return fail([{ file, line: 1, column: 1, code: "PROFILE_NAME_DIFFERS", what, mend: "give both one name" }]);
}
