/** What always holds of sessions. */
import { isMarketSlot } from "../gate.ts";
import type { StateView } from "../state.ts";
import { isOver } from "./session-time.ts";

/** The invariants that the sessions of `state` break, in words. */
export function sessionViolations({ sessions, registry, grants, parties, rules, at }: StateView): readonly string[] {
  const violations: string[] = [];
  for (const [id, session] of sessions) {
    const { party, signer, grant, sequence, unsigned } = session;
    const key = registry.keys.get(signer);
    if (!parties.has(party) || key === undefined) violations.push(`a stranger speaks in session ${id}`);
    if (grant === null ? key?.party !== party : !grants.has(grant))
      violations.push(`session ${id} speaks for a stranger`);
    const counts = [...unsigned.values()].map(({ count }) => count);
    const slots = [...unsigned.keys()];
    if (counts.some((count) => count <= 0)) violations.push(`session ${id} owes a root over nothing`);
    if (counts.reduce((sum, count) => sum + count, 0) > sequence)
      violations.push(`session ${id} owes roots over more than was said`);
    if (slots.some((slot, index) => !isMarketSlot(rules, slot) || slot <= (slots[index - 1] ?? -Infinity)))
      violations.push(`the slots of session ${id} are out of order`);
    if (slots.some((slot) => slot > at)) violations.push(`session ${id} was spoken in at a time to come`);
    if (session.isEnded && isOver(session, at) && slots.length === 0) violations.push(`session ${id} outlived its end`);
  }
  return violations;
}
