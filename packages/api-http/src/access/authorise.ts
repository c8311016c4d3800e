/**
 * What a principal may do. A table in the tests says every case.
 *
 * Invariant: whether a party exists is not looked at, so that nobody learns it from a refusal. Who has no grant for a
 * party gets the answer of a party that does not exist.
 */
import { fail, ok, type Result } from "@micromarket/kernel";
import { EVERY_PARTY, type Principal, type Scope, type ScopeRefusal } from "./principal.ts";

/** What is told of a party that does not exist, or is none of the asker's business. */
export const PARTY_UNKNOWN_DETAIL = "no party of this market has that id";

/**
 * Whether the principal may do what `scope` says with `party`. `null` is the market's public data, which every principal
 * may read; `EVERY_PARTY` is the market as a whole, and what tells of all parties at once.
 */
export function authorise(
  { grants }: Pick<Principal, "grants">,
  scope: Scope,
  party: string | null,
): Result<null, ScopeRefusal> {
  if (party === null && scope === "read") return ok(null);
  const covering = grants.filter((grant) => grant.party === EVERY_PARTY || grant.party === party);
  if (covering.some(({ scopes }) => scopes.has(scope))) return ok(null);
  if (covering.length > 0 || party === null || party === EVERY_PARTY) return fail(forbidden(scope, party));
  return fail({ code: "PARTY_UNKNOWN", detail: PARTY_UNKNOWN_DETAIL, status: 404 });
}

function forbidden(scope: Scope, party: string | null): ScopeRefusal {
  const whole = party === null || party === EVERY_PARTY;
  const detail = whole
    ? `this needs the scope ${scope} for every party: a grant of party "${EVERY_PARTY}"`
    : `this needs the scope ${scope} for the party`;
  return { code: "FORBIDDEN", detail, status: 403 };
}
