/** The street as a signed market: its keys, its envelopes, and who has signed what. */
import { expect } from "@jest/globals";
import {
  canonicalText,
  DAY,
  hashText,
  instantMs,
  partyId,
  type CanonicalValue,
  type InstantMs,
  type PartyId,
} from "@micromarket/kernel";
import { sealEnvelope, signerOf, type Payload, type Signer } from "@micromarket/identity";
import {
  apply,
  encodeCommand,
  foundMarket,
  marketGenesis,
  stateHash,
  type BareCommand,
  type Command,
  type MarketRules,
  type State,
} from "@micromarket/engine";
import { ANNE, BERT, FEED_IN, GRID, minute, obeyed, rulesWith, START, TARIFF } from "./street.ts";

/** Who signs as `name`: the secret is what the name hashes to. */
export function signer(name: string): Signer {
  return signerOf(Uint8Array.from(Buffer.from(hashText(name), "hex")));
}

export const OPERATOR = signer("operator");
/** Anne's three keys, and Bert's. */
export const ANNES = { owner: signer("anne owner"), gateway: signer("anne gateway"), device: signer("anne device") };
export const BERTS = { owner: signer("bert owner"), gateway: signer("bert gateway"), device: signer("bert device") };

export const SIGNED_RULES: MarketRules = rulesWith({ identity: "signed", operator: OPERATOR.key.did });

/** When most of it happens; the gate of slot 4 closes at minute 55. */
export const NOW = minute(10);

type Change = Partial<Omit<Payload, "body">> & { readonly body?: CanonicalValue };

/** A command in an envelope of `type` for `party`, signed by `by`, as it would come in at `NOW`. */
export function envelope(type: string, party: PartyId, by: Signer, command: BareCommand, change: Change = {}): string {
  const body = JSON.parse(encodeCommand(command)) as CanonicalValue;
  return sealEnvelope(
    {
      type,
      net: marketGenesis(SIGNED_RULES),
      market: SIGNED_RULES.market,
      party,
      notBefore: instantMs(NOW - 60_000),
      expires: instantMs(NOW + 3_600_000),
      salt: "1",
      body,
      ...change,
    },
    by,
  );
}

export const signed = (text: string): Command => ({ type: "Signed", envelope: text });

/** The same, as a command. */
export function signedBy(type: string, party: PartyId, by: Signer, command: BareCommand, change: Change = {}): Command {
  return signed(envelope(type, party, by, command, change));
}

/** What the operator says. */
export function told(command: BareCommand, at: InstantMs = NOW): Command {
  return signedBy("operator", GRID, OPERATOR, command, { notBefore: at, expires: instantMs(at + DAY) });
}

/** The same in a market on other rules. */
export function toldIn(rules: MarketRules, command: BareCommand): Command {
  const salt = hashText(encodeCommand(command));
  return signedBy("operator", GRID, OPERATOR, command, { net: marketGenesis(rules), salt });
}

/** The envelope with its payload's text changed after it was signed. */
export function forged(text: string, change: (payload: string) => string): Command {
  const { payload, signature } = JSON.parse(text) as { payload: string; signature: string };
  return signed(canonicalText({ payload: change(payload), signature }));
}

/** A signed street with Anne and Bert, their keys and a tariff, since the first slot began. */
export function signedStreet(rules: MarketRules = SIGNED_RULES): State {
  const state = foundMarket(rules);
  const commands: BareCommand[] = [
    { type: "RegisterParty", party: ANNE },
    { type: "RegisterParty", party: BERT },
    { type: "SetTariff", from: instantMs(0), tariff: TARIFF, feedIn: FEED_IN },
  ];
  for (const [party, keys] of [[ANNE, ANNES] as const, [BERT, BERTS] as const])
    for (const role of ["owner", "gateway", "device"] as const)
      commands.push({ type: "EnrolKey", party, did: keys[role].key.did, role, from: START });
  for (const command of commands) obeyed(state, told(command, START), START);
  return state;
}

export const STRANGER = partyId("stranger");

/** What becomes of the command: `ok`, or a refusal's code, and then nothing has changed. */
export function codeOf(command: Command, state = signedStreet(), at = NOW): string {
  const before = stateHash(state);
  const outcome = apply(state, command, at);
  if (outcome.ok) return "ok";
  expect(stateHash(state)).toBe(before);
  return outcome.refusal.code;
}
