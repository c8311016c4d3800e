/** The market node of a run, driven by virtual time through the same `apply` as a gateway's. */
import { assert, hashCanonical, type AmountNano, type HashHex, type InstantMs, type PartyId } from "@micromarket/kernel";
import { apply, foundMarket, partyAccount, type Command, type MarketEvent, type MarketRules } from "@micromarket/engine";
import { balanceOf, type LedgerView } from "@micromarket/ledger";
