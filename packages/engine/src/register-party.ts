/**
 * Admitting a party.
 *
 * Precedence: PARTY_RESERVED, PARTY_ALREADY_REGISTERED, PARTIES_TOO_MANY, SCHEDULE_NOT_AT_ROOT.
 */
import { assert } from "@micromarket/kernel";
import { LEDGER_NAMES, openAccount, UNLIMITED, type AccountLimits } from "@micromarket/ledger";
import { accountsOfParty, partyAccount } from "./accounts.ts";
import type { RegisterParty } from "./command.ts";
import { PARTIES_MAX } from "./limits.ts";
import { accept, refuse, type Outcome } from "./outcome.ts";
import type { SettlementRules } from "./settlement-rules.ts";
import type { State } from "./state.ts";

/** Registers the party and opens its accounts. Its deliveries are expected from the next gate closure on. */
export function registerParty(state: State, { party, delivery = "metered" }: RegisterParty): Outcome {
  if (party === state.rules.residual.party) return refuse({ code: "PARTY_RESERVED", party });
  if (state.parties.has(party)) return refuse({ code: "PARTY_ALREADY_REGISTERED", party });
  if (state.parties.size >= PARTIES_MAX) return refuse({ code: "PARTIES_TOO_MANY", most: PARTIES_MAX });
  // its energy would cross a tie whose energy the market above has awarded: it is to trade there
  if (delivery === "scheduled" && state.rules.node?.above === "market")
    return refuse({ code: "SCHEDULE_NOT_AT_ROOT", party });

  state.parties.add(party);
  if (delivery !== "metered") state.unmetered.set(party, delivery);
  const accounts = accountsOfParty(party, state.rules);
  for (const name of LEDGER_NAMES) {
    for (const account of accounts[name]) {
      const isFunded = name === "money" && account === partyAccount(party);
      const opened = openAccount(state.ledger, name, account, isFunded ? limitsBy(state.rules.settlement) : UNLIMITED);
      assert(opened.ok, `the ${name} account ${account} cannot be opened`);
    }
  }
  return accept({ type: "PartyRegistered", party, ...(delivery === "metered" ? {} : { delivery }) });
}

/** How far a new party's money may go. */
function limitsBy(settlement: SettlementRules | undefined): AccountLimits {
  if (settlement === undefined) return UNLIMITED;
  const { funding } = settlement;
  return { floor: funding.kind === "mutual" ? -funding.limit : 0n, ceiling: null };
}
