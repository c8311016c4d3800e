/** The rules that a journal's market was founded on: the gateway file's where one is named, else those that the journal keeps. */
import { restoreState, type MarketRules } from "@micromarket/engine";
import { foundingRules as rulesOfJournal, loadGatewayFile } from "@micromarket/gateway";
import { fail, ok, type Result } from "@micromarket/kernel";
import type { StoredJournal } from "@micromarket/store-sqlite";
import { damageAt, inputTrouble, type JournalPlace, type JournalTrouble } from "./journal-trouble.ts";

/** Nothing is believed of them: the first entry's hash hangs on them. `reading` hears what is about to be read. */
export function foundingRules(
  path: string,
  config: string | undefined,
  journal: StoredJournal,
  reading: (place: JournalPlace) => void,
): Result<MarketRules, JournalTrouble> {
  if (config !== undefined) {
    const loaded = loadGatewayFile(config, { env: process.env });
    return loaded.ok
      ? ok(rulesOfJournal(loaded.value.rules, journal, null))
      : fail({ kind: "input", problems: loaded.error });
  }
  const mend = "name the gateway file that the market was founded on: --config gateway.yaml";
  const base = journal.base();
  const newest = journal.snapshotSequences().at(-1);
  const place = placeOf(base?.sequence, newest);
  if (place === null) {
    const what = "has no snapshot yet, and so does not say on which rules its market was founded";
    return fail(inputTrouble(path, { code: "RULES_NOT_KNOWN", what, mend }));
  }
  reading(place);
  const restored = restoreState((base ?? journal.latestSnapshot())?.state ?? "");
  if (restored.ok) return ok(restored.value.rules);
  const what = `the ${place.part} at entry ${place.sequence} cannot be read (${restored.error.code})`;
  return fail(damageAt(place, `${place.part.toUpperCase()}_UNREADABLE`, what, `${mend}; or restore a backup`));
}

function placeOf(base: number | undefined, newest: number | undefined) {
  if (base !== undefined) return { part: "base", sequence: base } as const;
  return newest === undefined ? null : ({ part: "snapshot", sequence: newest } as const);
}
