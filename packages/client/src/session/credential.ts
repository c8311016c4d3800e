/** What a client shows of who it is. */
import { canonicalText } from "@micromarket/kernel";
import { didOfEd25519, type Signer } from "@micromarket/identity";
import type { ClientMessage, ServerMessage } from "@micromarket/protocol";

/** Signs challenges. */
export interface ChallengeSigner {
  /** did:key of the key. */
  readonly did: string;
  /** 64 bytes. */
  readonly sign: (message: Uint8Array) => Uint8Array | Promise<Uint8Array>;
}

/** What is shown. */
export type Credential =
  /** An access token, or what gets one: it is asked again for each connection and before the last one ends. */
  | { readonly kind: "bearer"; readonly token: string | (() => string | Promise<string>) }
  /** Gets a ticket of `POST /api/v1/ws-ticket`: for pages. */
  | { readonly kind: "ticket"; readonly ticket: () => string | Promise<string> }
  /** Signs what the server asks. With `server` given it signs for no server of another name. */
  | { readonly kind: "challenge"; readonly signer: ChallengeSigner; readonly server?: string }
  /** The connection's certificate has said it (`@micromarket/client/node`). */
  | { readonly kind: "certificate" };

/** What every challenge is for; nothing else is ever signed as one. */
export const CHALLENGE_PURPOSE = "micromarket/auth/v1";

type Challenge = ServerMessage<"auth.challenge">["data"];
type Auth = ClientMessage<"auth">["data"];

/** Why a challenge is not signed. */
export class ChallengeUnfit extends Error {
  override readonly name = "ChallengeUnfit";
}

/** The answer to a challenge; throws `ChallengeUnfit` where the challenge is for something else, or for another server. */
export async function answerChallenge(
  challenge: Challenge,
  { signer, server }: Extract<Credential, { kind: "challenge" }>,
): Promise<Auth> {
  const { purpose, nonce, at_ms: at } = challenge;
  if (purpose !== CHALLENGE_PURPOSE) throw new ChallengeUnfit(`it is for "${purpose}", and not to say who one is`);
  if (server !== undefined && challenge.server !== server)
    throw new ChallengeUnfit(`the server calls itself "${challenge.server}", and not "${server}"`);
  const text = canonicalText({ purpose, server: challenge.server, nonce, at_ms: at });
  const signature = await signer.sign(new TextEncoder().encode(text));
  return { method: "challenge", key: signer.did, nonce, signature: hexOf(signature) };
}

/** Signs challenges with a key of secp256k1. */
export function challengeSigner(signer: Signer): ChallengeSigner {
  return { did: signer.key.did, sign: signer.sign };
}

interface SubtleKeys {
  readonly exportKey: (format: "raw", key: never) => Promise<ArrayBuffer>;
  readonly sign: (algorithm: "Ed25519", key: never, data: Uint8Array) => Promise<ArrayBuffer>;
}

/** Signs challenges with an Ed25519 key of WebCrypto, which may keep its secret to itself. */
export async function ed25519Signer<Key>(keys: {
  readonly publicKey: Key;
  readonly privateKey: Key;
}): Promise<ChallengeSigner> {
  const subtle = globalThis.crypto.subtle as unknown as SubtleKeys;
  const raw = new Uint8Array(await subtle.exportKey("raw", keys.publicKey as never));
  const did = didOfEd25519(raw);
  if (!did.ok) throw new TypeError("the public key is no Ed25519 key");
  const sign = async (message: Uint8Array): Promise<Uint8Array> =>
    new Uint8Array(await subtle.sign("Ed25519", keys.privateKey as never, message));
  return { did: did.value, sign };
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
