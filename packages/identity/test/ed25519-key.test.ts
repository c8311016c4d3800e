import { describe, expect, test } from "@jest/globals";
import { didOfEd25519, ed25519OfDid } from "@micromarket/identity";

describe("the did:key of Ed25519", () => {
  // an example of the did:key method, https://w3c-ccg.github.io/did-key-spec/#ed25519-x25519
  const DID = "did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp";

  test("one key has one text", () => {
    const key = ed25519OfDid(DID);
    expect(key).toMatchObject({ ok: true, value: { length: 32 } });
    expect(key.ok && didOfEd25519(key.value)).toEqual({ ok: true, value: DID });
  });

  test.each([
    "",
    "did:key:z",
    DID.slice(0, -1),
    `${DID}1`,
    DID.replace("did:key:", "did:web:"),
    ` ${DID}`,
    DID.replace("6Mk", "Q3s"),
  ])("%j is none", (text) => {
    expect(ed25519OfDid(text)).toEqual({ ok: false, error: { code: "DID_MALFORMED" } });
  });

  test("another length is none", () => {
    for (const length of [0, 31, 33]) {
      expect(didOfEd25519(new Uint8Array(length))).toEqual({ ok: false, error: { code: "KEY_MALFORMED" } });
    }
  });

  test("texts of every key read back, zeros in front included", () => {
    for (const byte of [0, 1, 255]) {
      const bytes = new Uint8Array(32).fill(byte);
      const did = didOfEd25519(bytes);
      expect(did.ok && ed25519OfDid(did.value)).toEqual({ ok: true, value: bytes });
    }
  });
});
