/**
 * Making a grant. In an envelope the party itself makes it, or the grantee of the grant that it is made from; told by the
 * node's operator alone, whoever may.
 *
 * Precedence: PARTY_UNKNOWN, GRANTS_TOO_MANY, GRANT_EXISTS, GRANT_PARENT_UNKNOWN, GRANT_NOT_PARENTS_TO_MAKE,
 * GRANT_TIMELESS, GRANT_WIDENS.
 */
import { admitParty, makeGrant as makeAmongGrants, type Did } from "@micromarket/identity";
import type { MakeGrant } from "./command.ts";
import { GRANTS_MAX } from "./limits.ts";
import { accept, refuse, type Outcome } from "./outcome.ts";
import type { State } from "./state.ts";

/**
 * Makes the grant, and makes its party known to the registry.
 *
 * @param maker the key that makes it, `null` the party itself, `undefined` whoever may
 */
export function makeGrant(state: State, { grant }: MakeGrant, maker?: Did | null): Outcome {
  const { grants, parties, registry } = state;
  const { party, parent } = grant;
  if (!parties.has(party)) return refuse({ code: "PARTY_UNKNOWN", party });
  const count = [...grants.values()].filter((record) => record.grant.party === party).length;
  if (count >= GRANTS_MAX) return refuse({ code: "GRANTS_TOO_MANY", party, most: GRANTS_MAX });
  const whoeverMay = parent === null ? null : (grants.get(parent)?.grant.grantee ?? null);
  const made = makeAmongGrants(grants, grant, maker === undefined ? whoeverMay : maker);
  if (!made.ok) return refuse(made.error);
  if (!registry.parties.has(party)) admitParty(registry, party);
  return accept({ type: "GrantMade", grant });
}
