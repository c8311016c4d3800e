import { describe, expect, test } from "@jest/globals";
import { PublicKey, signerOf } from "@micromarket/identity";
import { secretOf, signer } from "./keys.ts";

describe("PublicKey", () => {
  // the example of the did:key method for secp256k1, https://w3c-ccg.github.io/did-key-spec/#secp256k1
  const DID = "did:key:zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme";

  test("one key has one text", () => {
    const key = PublicKey.fromDid(DID);
    expect(key).toMatchObject({ ok: true, value: { did: DID } });
    expect(key.ok && PublicKey.fromBytes(key.value.bytes)).toEqual(key);
    expect(PublicKey.fromDid(signer("ann").key.did)).toMatchObject({ ok: true });
  });

  test.each([
    "",
    "did:key:z",
    DID.slice(0, -1),
    `${DID}1`,
    DID.replace("did:key:", "did:web:"),
    DID.replace("zQ3s", "z6Mk"),
    DID.replace("zQ3sh", "z1Q3sh"),
    DID.replace("B", "0"),
    ` ${DID}`,
    // on Ed25519, from the same specification
    "did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp",
  ])("%j is none", (text) => {
    expect(PublicKey.fromDid(text)).toEqual({ ok: false, error: { code: "DID_MALFORMED" } });
  });

  test.each([
    ["too short", new Uint8Array(32)],
    ["uncompressed", Uint8Array.of(4, ...new Uint8Array(64))],
    ["infinity", new Uint8Array(33)],
    ["no point: x = 5 has no y", Uint8Array.of(2, ...new Uint8Array(31), 5)],
    ["x beyond the field", Uint8Array.of(2, ...new Uint8Array(32).fill(255))],
    ["an unknown prefix", Uint8Array.of(5, ...signer("ann").key.bytes.slice(1))],
  ])("bytes are refused: %s", (_, bytes) => {
    expect(PublicKey.fromBytes(bytes)).toEqual({ ok: false, error: { code: "KEY_MALFORMED" } });
  });

  test("a secret that is none is a bug", () => {
    expect(() => signerOf(new Uint8Array(32))).toThrow();
    expect(() => signerOf(secretOf("ann").slice(1))).toThrow();
  });
});
