import { afterEach, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { SignJWT } from "jose";
import { instantMs } from "@micromarket/kernel";
import { keysAtUrl, keysInText, type IssuerKeys, type TokenIssuer } from "@micromarket/api-http";
import { looksLikeJwt, verifyAccessToken } from "../../src/access/access-token.ts";
import {
  AUDIENCE,
  ISSUER,
  issuerKey,
  keyServer,
  mint,
  NOW_MS,
  part,
  setOf,
  type IssuerKey,
  type KeyServer,
  type TokenParts,
} from "./issuer.ts";

const NOW = instantMs(NOW_MS);
const SECONDS = NOW_MS / 1_000;
let key: IssuerKey;
let other: IssuerKey;

beforeAll(async () => {
  key = await issuerKey("k1");
  other = await issuerKey("k2");
});

function keysOf(keys: readonly IssuerKey[]): IssuerKeys {
  const read = keysInText(setOf(keys));
  if (!read.ok) throw new Error(read.error.what);
  return read.value;
}

function issuers(keys: IssuerKeys): ReadonlyMap<string, TokenIssuer> {
  return new Map([[ISSUER, { issuer: ISSUER, audience: AUDIENCE, keys, skewSeconds: 5 }]]);
}

async function verdict(token: string, keys: IssuerKeys = keysOf([key])): Promise<string> {
  const read = await verifyAccessToken(token, issuers(keys), NOW);
  return read.ok ? "good" : read.error.reason;
}

describe("a token that is good", () => {
  test("says whom it names, and until when with the skew that is allowed", async () => {
    expect(await verifyAccessToken(await mint(key), issuers(keysOf([key])), NOW)).toEqual({
      ok: true,
      value: { issuer: ISSUER, subject: "bot-1", clientId: "bot-1", expires: NOW_MS + 305_000 },
    });
  });

  test.each(["RS256", "PS256", "ES256", "ES384", "EdDSA", "Ed25519"])("signed by %s", async (algorithm) => {
    const own = await issuerKey("own", algorithm);
    expect(await verdict(await mint(own), keysOf([key, own]))).toBe("good");
  });

  test.each<[string, TokenParts]>([
    ["without a kind", { header: { typ: undefined } }],
    ["of the kind JWT", { header: { typ: "JWT" } }],
    ["of the long kind", { header: { typ: "application/at+jwt" } }],
    ["for several audiences", { claims: { aud: ["street-2", AUDIENCE] } }],
    ["that ended within the skew", { claims: { exp: SECONDS - 4 } }],
    ["that begins within the skew", { claims: { nbf: SECONDS + 5, iat: SECONDS + 5 } }],
  ])("%s", async (_, parts) => {
    expect(await verdict(await mint(key, parts))).toBe("good");
  });

  test("names its client by azp where there is no client_id", async () => {
    const token = await mint(key, { claims: { client_id: null, azp: "bot-2", sub: null } });
    expect(await verifyAccessToken(token, issuers(keysOf([key])), NOW)).toMatchObject({
      value: { subject: null, clientId: "bot-2" },
    });
  });
});

describe("a token is refused", () => {
  test.each<[string, TokenParts, string]>([
    ["that has ended", { claims: { exp: SECONDS - 5 } }, "TOKEN_EXPIRED"],
    ["without an end", { claims: { exp: null } }, "TOKEN_CLAIM_WRONG"],
    ["with an end that is no number", { claims: { exp: "tomorrow" } }, "TOKEN_CLAIM_WRONG"],
    ["that has not begun", { claims: { nbf: SECONDS + 6 } }, "TOKEN_NOT_YET_VALID"],
    ["that was made in the future", { claims: { iat: SECONDS + 6 } }, "TOKEN_NOT_YET_VALID"],
    ["for somebody else", { claims: { aud: "street-2" } }, "TOKEN_AUDIENCE_WRONG"],
    ["for nobody", { claims: { aud: null } }, "TOKEN_AUDIENCE_WRONG"],
    ["of another issuer", { claims: { iss: "https://id.evil.example" } }, "TOKEN_ISSUER_UNKNOWN"],
    ["of an issuer in other letters", { claims: { iss: `${ISSUER}/` } }, "TOKEN_ISSUER_UNKNOWN"],
    ["of no issuer", { claims: { iss: null } }, "TOKEN_ISSUER_UNKNOWN"],
    ["that is bound to a key", { claims: { cnf: { jkt: "x" } } }, "TOKEN_BOUND"],
    ["that is a logout", { header: { typ: "logout+jwt" } }, "TOKEN_KIND_REFUSED"],
    ["of a key that is not there", { header: { kid: "k9" } }, "TOKEN_KEY_UNKNOWN"],
  ])("%s", async (_, parts, reason) => {
    expect(await verdict(await mint(key, parts))).toBe(reason);
  });

  test("signed by another key under a known name", async () => {
    expect(await verdict(await mint({ ...other, kid: "k1" }))).toBe("TOKEN_SIGNATURE_WRONG");
  });

  test("whose claims were changed", async () => {
    const [header = "", , signature = ""] = (await mint(key)).split(".");
    const claims = part({ iss: ISSUER, aud: AUDIENCE, sub: "operator", exp: SECONDS + 300 });
    expect(await verdict(`${header}.${claims}.${signature}`)).toBe("TOKEN_SIGNATURE_WRONG");
  });

  test("without a signature, or with one by the public key as a secret", async () => {
    const claims = { iss: ISSUER, aud: AUDIENCE, sub: "bot-1", exp: SECONDS + 300 };
    expect(await verdict(`${part({ alg: "none" })}.${part(claims)}.`)).toBe("TOKEN_ALGORITHM_REFUSED");
    const confused = await new SignJWT(claims)
      .setProtectedHeader({ alg: "HS256", kid: "k1" })
      .sign(new TextEncoder().encode(key.spki));
    expect(await verdict(confused)).toBe("TOKEN_ALGORITHM_REFUSED");
  });

  test("with a key of its own in the header", async () => {
    const token = await mint(other, { header: { kid: "k1", jwk: other.jwk, jku: "http://127.0.0.1:1/" } });
    expect(await verdict(token)).toBe("TOKEN_SIGNATURE_WRONG");
  });

  test("that is none, or that is too long", async () => {
    const long = await mint(key, { claims: { more: "x".repeat(8_192) } });
    for (const token of ["", "a.b.c", "..", `${part({ alg: "ES256" })}.${part([])}.x`, long]) {
      expect([token.slice(0, 9), await verdict(token)]).toEqual([token.slice(0, 9), "TOKEN_MALFORMED"]);
    }
    expect(looksLikeJwt(long)).toBe(true);
    for (const token of ["", "mmb_abc", "a.b", "a.b.c.d.e", "a b.c.d"]) expect(looksLikeJwt(token)).toBe(false);
  });
});

describe("a JWK Set in a file", () => {
  test.each<[string, (set: { keys: object[] }) => unknown, string]>([
    ["without a key", () => ({ keys: [] }), "it holds no key"],
    ["that is none", () => ({ kees: [] }), "it is no JWK Set"],
    ["with a secret", () => ({ keys: [{ kty: "oct", k: "AAAA" }] }), "it holds a secret key"],
    ["with a private key", ({ keys }) => ({ keys: [{ ...keys[0], d: "AAAA" }] }), "it holds a secret key"],
  ])("is refused: %s", (_, change, what) => {
    const text = JSON.stringify(change(JSON.parse(setOf([key])) as { keys: object[] }));
    expect(keysInText(text)).toEqual({ ok: false, error: { code: "JWKS_MALFORMED", what } });
  });

  test("is refused: no JSON", () => {
    expect(keysInText("{")).toEqual({ ok: false, error: { code: "JWKS_MALFORMED", what: "it is no JSON" } });
  });
});

describe("a JWK Set at a URL", () => {
  let server: KeyServer | null = null;
  let now = NOW_MS;

  afterEach(async () => {
    jest.restoreAllMocks();
    await server?.close();
  });

  async function openKeys(keys: readonly IssuerKey[]): Promise<{ readonly keys: IssuerKeys; readonly at: KeyServer }> {
    now = NOW_MS;
    jest.spyOn(Date, "now").mockImplementation(() => now);
    const at = await keyServer(keys);
    server = at;
    return { keys: keysAtUrl(at.url, () => now), at };
  }

  test("is fetched once for many tokens, and again for a key that is new", async () => {
    const { keys, at } = await openKeys([key]);
    for (let count = 0; count < 5; count++) expect(await verdict(await mint(key), keys)).toBe("good");
    expect(at.asked()).toBe(1);
    at.serve({ body: setOf([other]) });
    expect(await verdict(await mint(other), keys)).toBe("TOKEN_KEY_UNKNOWN"); // just asked: a flood of names asks nobody
    expect(at.asked()).toBe(1);
    now += 31_000;
    expect(await verdict(await mint(other), keys)).toBe("good");
    expect(await verdict(await mint(key), keys)).toBe("TOKEN_KEY_UNKNOWN");
    expect(at.asked()).toBe(2);
  });

  test("counts on for a day when the issuer cannot be reached, and then no more", async () => {
    const { keys, at } = await openKeys([key]);
    const token = await mint(key);
    expect(await verdict(token, keys)).toBe("good");
    at.serve(null);
    now += 601_000;
    expect(await verdict(token, keys)).toBe("good");
    expect(at.asked()).toBe(2);
    now += 9_000;
    expect(await verdict(token, keys)).toBe("good");
    expect(at.asked()).toBe(2); // not asked again at once
    now += 86_400_000;
    expect(await verdict(token, keys)).toBe("ISSUER_KEYS_UNREACHABLE");
    at.serve({ body: setOf([key]) });
    now += 10_000;
    expect(await verdict(token, keys)).toBe("good");
  });

  test.each<[string, { readonly status?: number; readonly body: string } | null]>([
    ["that is cut off", null],
    ["that has failed", { status: 500, body: "{}" }],
    ["that sends elsewhere", { status: 302, body: "" }],
    ["without keys", { body: `{"keys":[]}` }],
    ["of private keys", { body: `{"keys":[{"kty":"oct","k":"AAAA"}]}` }],
    ["that is no JSON", { body: "<html>" }],
    ["without an end", { body: `{"keys":[],"more":"${"x".repeat(300_000)}"}` }],
  ])("is not taken from an issuer %s, which is asked once in ten seconds", async (_, answer) => {
    const { keys, at } = await openKeys([key]);
    at.serve(answer);
    for (let count = 0; count < 3; count++)
      expect(await verdict(await mint(key), keys)).toBe("ISSUER_KEYS_UNREACHABLE");
    expect(at.asked()).toBe(1);
    at.serve({ body: setOf([key]) });
    now += 10_000;
    expect(await verdict(await mint(key), keys)).toBe("good");
  });
});
