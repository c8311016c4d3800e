/**
 * Admitting a party.
 *
 * Precedence: PARTY_RESERVED, PARTY_ALREADY_REGISTERED, PARTIES_TOO_MANY.
 */
import { assert } from "@micromarket/kernel";
import { openAccount } from "@micromarket/ledger";
import { partyAccount } from "./accounts.ts";
import type { RegisterParty } from "./command.ts";
import { PARTIES_MAX } from "./limits.ts";
import { accept, refuse, type Outcome } from "./outcome.ts";
import type { State } from "./state.ts";

/** Registers the party and opens its two accounts. Its deliveries are expected from the next gate closure on. */
export function registerParty(state: State, { party }: RegisterParty): Outcome {
  if (party === state.rules.residual.party) return refuse({ code: "PARTY_RESERVED", party });
  if (state.parties.has(party)) return refuse({ code: "PARTY_ALREADY_REGISTERED", party });
  if (state.parties.size >= PARTIES_MAX) return refuse({ code: "PARTIES_TOO_MANY", most: PARTIES_MAX });

  state.parties.add(party);
  for (const name of ["money", "energy"] as const) {
    const opened = openAccount(state.ledger, name, partyAccount(party));
    assert(opened.ok, `the ${name} account of party ${party} cannot be opened`);
  }
  return accept({ type: "PartyRegistered", party });
}
