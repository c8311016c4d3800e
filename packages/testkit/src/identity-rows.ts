/** How commands about keys, standing and grants are drawn, and envelopes around tenders. */
import {
  hashText,
  instantMs,
  MINUTE,
  partyId,
  times,
  type CanonicalValue,
  type InstantMs,
  type PartyId,
  type RandomStream,
} from "@micromarket/kernel";
import { encodeCommand, marketGenesis, type Command, type StateView } from "@micromarket/engine";
import { sealEnvelope, signerOf, type Did, type Signer } from "@micromarket/identity";
import { pick } from "./random-book.ts";

/** What these commands are drawn from. */
export interface IdentityDraw {
  readonly state: StateView;
  readonly now: InstantMs;
  readonly stream: RandomStream;
  readonly fresh: () => number;
}

/** A command of one type. */
export type CommandOf<Type extends Command["type"]> = Extract<Command, { readonly type: Type }>;

const signers = new Map<Did, Signer>();

/** Who signs as `name`: the secret is what the name hashes to. */
function signer(name: string): Signer {
  const digits = hashText(name).match(/../g) ?? [];
  const made = signerOf(Uint8Array.from(digits, (pair) => Number.parseInt(pair, 16)));
  signers.set(made.key.did, made);
  return made;
}

/** Whose key this is, where it is one of those that are drawn. */
export function signerOfKey(did: Did): Signer | undefined {
  return signers.get(did);
}

/** Of the market's operator; it is never rotated and never revoked. */
export const OPERATOR_KEY: Did = signer("operator of the street").key.did;

/** A home's key; now and then one that is known. */
export function drawEnrolment({ now, stream }: IdentityDraw, homes: readonly string[]): CommandOf<"EnrolKey"> {
  const party = partyId(pick(stream, homes));
  const { did } = signer(`gateway of ${party} ${stream.below(3)}`).key;
  return { type: "EnrolKey", party, did, role: "gateway", from: now };
}

/** A new key in the place of one that counts. */
export function drawRotation({ state, now, stream, fresh }: IdentityDraw): CommandOf<"RotateKey"> | null {
  const did = anyKey(state, stream);
  if (did === null) return null;
  const next = signer(`rotated ${fresh()}`).key.did;
  return { type: "RotateKey", did, next, from: now, until: instantMs(now + times(MINUTE, 30)) };
}

/** One of the keys is revoked. */
export function drawRevocation({ state, stream }: IdentityDraw): CommandOf<"RevokeKey"> | null {
  const did = anyKey(state, stream);
  return did === null ? null : { type: "RevokeKey", did };
}

/** Somebody is suspended or comes back. */
export function drawStanding({ stream }: IdentityDraw, homes: readonly string[]): CommandOf<"SetStanding"> {
  const standing = stream.below(3) === 0 ? "suspended" : "active";
  return { type: "SetStanding", party: partyId(pick(stream, homes)), standing };
}

/** Somebody's key may act for somebody else for two hours. */
export function drawGrant({ state, now, stream, fresh }: IdentityDraw, homes: readonly string[]) {
  const grantee = anyKey(state, stream);
  if (grantee === null) return null;
  const limits = { energyPerSlot: null, priceMax: null, spendPerDay: null };
  const party = partyId(pick(stream, homes));
  const expires = instantMs(now + times(MINUTE, 120));
  const grant = {
    id: `grant-${fresh()}`,
    party,
    grantee,
    parent: null,
    types: ["order"],
    from: now,
    expires,
    ...limits,
  };
  return { type: "MakeGrant", grant } satisfies CommandOf<"MakeGrant">;
}

/** A grant is taken back. */
export function drawGrantRevocation({ state, stream }: IdentityDraw): CommandOf<"RevokeGrant"> | null {
  const known = [...state.grants.keys()].sort();
  return known.length === 0 ? null : { type: "RevokeGrant", grant: pick(stream, known) };
}

/** The tender of a home with a key, in an envelope. */
export function drawEnvelope(
  { state, now, stream, fresh }: IdentityDraw,
  tenderOf: (party: PartyId, id: string) => CommandOf<"SubmitTender"> | null,
): CommandOf<"Signed"> | null {
  const did = anyKey(state, stream);
  const by = did === null ? undefined : signerOfKey(did);
  const party = did === null ? undefined : state.registry.keys.get(did)?.party;
  if (by === undefined || party === undefined) return null;
  const salt = fresh();
  const placed = tenderOf(party, `${party}/${salt}`);
  if (placed === null) return null;
  const body = JSON.parse(encodeCommand(placed)) as CanonicalValue;
  const window = { notBefore: now, expires: instantMs(now + times(MINUTE, 30)) };
  const address = { net: marketGenesis(state.rules), market: state.rules.market };
  return {
    type: "Signed",
    envelope: sealEnvelope({ type: "order", ...address, party, ...window, salt: `${salt}`, body }, by),
  };
}

/** One of the homes' keys, those that do not count any more included. */
export function anyKey({ registry }: StateView, stream: RandomStream): Did | null {
  const known = [...registry.keys.keys()].filter((did) => did !== OPERATOR_KEY).sort();
  return known.length === 0 ? null : pick(stream, known);
}
