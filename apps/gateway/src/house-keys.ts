/**
 * The gateway's keys, and what it signs with them. One secret is kept: it is the operator's key of the gateway's market,
 * and the key by which the gateway acts for each of its homes follows from it.
 *
 * Invariant: each command goes out under the key of whom it commits, so that its envelope is evidence by itself.
 */
import {
  encodeCommand,
  ENVELOPE_WINDOW_MAX,
  isBare,
  isDerived,
  marketGenesis,
  type BareCommand,
  type Command,
  type MarketRules,
} from "@micromarket/engine";
import { sealEnvelope, type Did, type Signer } from "@micromarket/identity";
import {
  durationMs,
  instantMs,
  least,
  times,
  type CanonicalValue,
  type HashHex,
  type InstantMs,
  type PartyId,
} from "@micromarket/kernel";

/** Slots that an envelope is valid for: long enough for a machine that pauses, short enough to be forgotten soon. */
const VALID_SLOTS = 4;

/** Signs for one market. */
export class HouseKeys {
  readonly #operator: Signer;
  readonly #rules: MarketRules;
  readonly #net: HashHex;
  readonly #homes = new Map<PartyId, Signer>();
  #count = 0;

  constructor(operator: Signer, rules: MarketRules) {
    this.#operator = operator;
    this.#rules = rules;
    this.#net = marketGenesis(rules);
  }

  /** Who signs as the gateway for the home. */
  signerOf(party: PartyId): Signer {
    const known = this.#homes.get(party);
    if (known !== undefined) return known;
    const signer = this.#operator.derive(`gateway of ${party}`);
    this.#homes.set(party, signer);
    return signer;
  }

  /** The keys by which the gateway acts for its homes. */
  didsOf(parties: readonly PartyId[]): ReadonlyMap<PartyId, Did> {
    return new Map(parties.map((party) => [party, this.signerOf(party).key.did]));
  }

  /** The command in its envelope, valid from `now` on; what a node says by its clock needs none. */
  sign(command: Command, now: InstantMs): Command {
    if (!isBare(command) || isDerived(command)) return command;
    const { market, slotLength } = this.#rules;
    const { type, party, signer } = this.#authorOf(command);
    const valid = least(durationMs(times(slotLength, VALID_SLOTS)), ENVELOPE_WINDOW_MAX);
    this.#count += 1;
    const envelope = sealEnvelope(
      {
        ...{ type, net: this.#net, market, party },
        notBefore: now,
        expires: instantMs(now + valid),
        salt: `${now}/${this.#count}`,
        body: JSON.parse(encodeCommand(command)) as CanonicalValue,
      },
      signer,
    );
    return { type: "Signed", envelope };
  }

  #authorOf(command: BareCommand): { readonly type: string; readonly party: PartyId; readonly signer: Signer } {
    const { party: tie } = this.#rules.residual;
    const byHome = (type: string, party: PartyId) => ({ type, party, signer: this.signerOf(party) });
    if (command.type === "SubmitTender" || command.type === "ReplaceTender")
      return byHome("order", command.tender.party);
    if (command.type === "CancelTender" || command.type === "CancelTenders" || command.type === "SubmitTenders")
      return byHome("order", command.party);
    if (command.type === "ReportDelivery" && command.party !== tie) return byHome("reading", command.party);
    if (command.type === "ReadMeter" && command.party !== tie && command.isStart !== true)
      return byHome("reading", command.party);
    return { type: "operator", party: tie, signer: this.#operator };
  }
}
