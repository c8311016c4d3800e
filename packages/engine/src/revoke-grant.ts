/**
 * Taking a grant back from this very instant on, and so all that was made from it.
 *
 * Precedence: GRANT_UNKNOWN, GRANT_REVOKED.
 */
import { revokeGrant as revokeAmongGrants } from "@micromarket/identity";
import type { InstantMs } from "@micromarket/kernel";
import type { RevokeGrant } from "./command.ts";
import { accept, refuse, type Outcome } from "./outcome.ts";
import type { State } from "./state.ts";

/** Revokes the grant. What was done by it before stands. */
export function revokeGrant({ grants }: State, { grant }: RevokeGrant, now: InstantMs): Outcome {
  const record = grants.get(grant);
  if (record !== undefined && record.revokedAt !== null) return refuse({ code: "GRANT_REVOKED", grant });
  const revoked = revokeAmongGrants(grants, grant, now);
  return revoked.ok ? accept({ type: "GrantRevoked", party: revoked.value.party, grant }) : refuse(revoked.error);
}
