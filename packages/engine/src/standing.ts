/** Who takes part in the market: everybody registered who was not suspended and did not leave. */
import type { PartyId } from "@micromarket/kernel";
import type { IdentityRefusal } from "./refusal.ts";
import type { StateView } from "./state.ts";

/** Why the party may not commit itself to anything new; `null`: it may. */
export function refuseStanding({ registry }: StateView, party: PartyId): IdentityRefusal | null {
  const standing = registry.parties.get(party);
  if (standing === "suspended") return { code: "PARTY_SUSPENDED", party };
  return standing === "left" ? { code: "PARTY_LEFT", party } : null;
}

/** Whose meter is read: everybody who has not left. Who is suspended goes on drawing energy. */
export function partiesTakingPart({ parties, registry }: StateView): ReadonlySet<PartyId> {
  return new Set([...parties].filter((party) => registry.parties.get(party) !== "left"));
}
