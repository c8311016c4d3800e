/** An issuer of access tokens: its keys, tokens signed by them, and a server of its JWK Set. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, exportSPKI, generateKeyPair, SignJWT, type CryptoKey, type JWK } from "jose";

/** The instant at which tokens are good. */
export const NOW_MS = 1_800_000_000_000;
const NOW_SECONDS = NOW_MS / 1_000;

export const ISSUER = "https://id.utility.example";
export const AUDIENCE = "street-1";

/** A key pair with its name. */
export interface IssuerKey {
  readonly kid: string;
  readonly secret: CryptoKey;
  readonly jwk: JWK;
  /** The public key as a text, for who takes it for a secret. */
  readonly spki: string;
}

export async function issuerKey(kid: string, algorithm = "ES256"): Promise<IssuerKey> {
  const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid, alg: algorithm, use: "sig" };
  return { kid, secret: privateKey, jwk, spki: await exportSPKI(publicKey) };
}

/** What a token says, besides or instead of what a good one does; `null`: not at all. */
export interface TokenParts {
  readonly header?: Readonly<Record<string, unknown>>;
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** A token that the key has signed. */
export function mint(key: IssuerKey, { header = {}, claims = {} }: TokenParts = {}): Promise<string> {
  const all = {
    ...{ iss: ISSUER, aud: AUDIENCE, sub: "bot-1", client_id: "bot-1" },
    ...{ iat: NOW_SECONDS - 10, exp: NOW_SECONDS + 300 },
    ...claims,
  };
  const said = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null));
  return new SignJWT(said)
    .setProtectedHeader({ alg: String(key.jwk.alg), kid: key.kid, typ: "at+jwt", ...header })
    .sign(key.secret);
}

/** A text as JWTs have it. */
export function part(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

/** A server of a JWK Set. */
export interface KeyServer {
  readonly url: URL;
  /** How often it was asked. */
  readonly asked: () => number;
  /** What it answers from now on; `null`: it is cut off. */
  serve: (answer: { readonly status?: number; readonly body: string } | null) => void;
  readonly close: () => Promise<void>;
}

export async function keyServer(keys: readonly IssuerKey[]): Promise<KeyServer> {
  let asked = 0;
  let answer: { readonly status?: number; readonly body: string } | null = { body: setOf(keys) };
  const server: Server = createServer((_, response) => {
    asked += 1;
    if (answer === null) return void response.destroy();
    response.writeHead(answer.status ?? 200, { "content-type": "application/jwk-set+json" }).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: new URL(`http://127.0.0.1:${port}/keys`),
    asked: () => asked,
    serve: (next) => {
      answer = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The JWK Set of the keys. */
export function setOf(keys: readonly IssuerKey[]): string {
  return JSON.stringify({ keys: keys.map(({ jwk }) => jwk) });
}
