/** SHA-256 by two libraries that must not differ in anything: published examples, edges, and random bytes and texts. */
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { hashText, instantMs, sha256InJavaScript, type Sha256 } from "@micromarket/kernel";
import { CallerSession, greetingOf, isUnderRoot, merkleTree, Session, slotRootOf } from "@micromarket/identity";
import { sha256ByOpenssl } from "@micromarket/identity-node";

const LIBRARIES: readonly (readonly [string, Sha256])[] = [
  ["JavaScript", sha256InJavaScript],
  ["OpenSSL", sha256ByOpenssl],
];
const RUNS = { numRuns: 500 };

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const secretOf = (name: string): Uint8Array => Uint8Array.from(Buffer.from(hashText(name), "hex"));

const surrogates = fc
  .array(fc.integer({ min: 0xd7ff, max: 0xe000 }), { maxLength: 8 })
  .map((units) => String.fromCharCode(...units));
const long = fc.string({ unit: "binary-ascii", maxLength: 64 }).map((text) => text.repeat(200));

/** What `compute` makes of each library. */
const byBoth = <Answer>(compute: (library: Sha256) => Answer): Answer[] => LIBRARIES.map(([, each]) => compute(each));

describe.each(LIBRARIES)("SHA-256 by %s", (_, library) => {
  test.each([
    ["", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
    ["abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
    ["a".repeat(1_000_000), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"],
  ])("gives the examples of FIPS 180-4", (text, digest) => {
    expect(library.ofText(text)).toBe(digest);
    expect(hexOf(library.ofBytes(Buffer.from(text)))).toBe(digest);
  });

  test.each([
    ["\ud800", "\ufffd"],
    ["a\udc00b", "a\ufffdb"],
    ["\udc00\ud800", "\ufffd\ufffd"],
    ["é\ud83d", "é\ufffd"],
  ])("takes a lone surrogate for U+FFFD: %j", (text, wellFormed) => {
    expect(library.ofText(text)).toBe(hexOf(library.ofBytes(Buffer.from(wellFormed))));
  });

  test.each([
    ["0b".repeat(20), "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"],
    ["4a656665", "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"],
    [
      "aa".repeat(131),
      "Test Using Larger Than Block-Size Key - Hash Key First",
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    ],
  ])("gives the MACs of RFC 4231", (key, message, mac) => {
    const macOf = library.hmac(Buffer.from(key, "hex"));
    expect(hexOf(macOf(Buffer.from(message)))).toBe(mac);
    expect(hexOf(macOf(Buffer.from(message)))).toBe(mac);
  });
});

describe("both libraries", () => {
  test("give one digest to every text, well-formed or not", () => {
    const text = fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" }), surrogates, long);
    fc.assert(
      fc.property(text, (each) => {
        const [one, two] = byBoth((library) => hashText(each, library));
        expect(two).toBe(one);
      }),
      RUNS,
    );
  });

  test("give one digest and one MAC to all bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 150 }), (bytes, key) => {
        const [one, two] = byBoth((library) => [hexOf(library.ofBytes(bytes)), hexOf(library.hmac(key)(bytes))]);
        expect(two).toEqual(one);
      }),
      RUNS,
    );
  });

  test("read the bytes of a view, not of what lies beside it", () => {
    const view = Buffer.from("before and after").subarray(7, 10);
    const [one, two] = byBoth((library) => hexOf(library.ofBytes(view)));
    expect([one, two]).toEqual(Array(2).fill(sha256InJavaScript.ofText("and")));
  });

  test("make the same trees, and prove the same leaves", () => {
    for (const count of [0, 1, 2, 3, 7, 8]) {
      const leaves = Array.from({ length: count }, (_, index) => Uint8Array.of(index));
      const [one, two] = byBoth((library) => merkleTree(leaves, library));
      expect(two?.root).toBe(one?.root);
      leaves.forEach((leaf, index) => {
        const proof = two?.proof(index) ?? [];
        expect(proof).toEqual(one?.proof(index));
        expect(byBoth((library) => isUnderRoot(leaf, index, count, proof, two?.root ?? hashText(""), library))).toEqual(
          [true, true],
        );
      });
    }
  });

  test("talk to each other, and sign the same root", () => {
    const [one, two] = [secretOf("one"), secretOf("two")];
    const ids = { caller: hashText("first greeting"), called: hashText("second greeting") };
    const opened = Session.open("caller", one, greetingOf(two), ids, sha256ByOpenssl);
    const called = Session.open("called", two, greetingOf(one), ids, sha256InJavaScript);
    if (!opened.ok || !called.ok) throw new Error("the greetings are sound");
    const [slot, expires] = [instantMs(0), instantMs(1)];
    const caller = new CallerSession(opened.value, expires, sha256ByOpenssl);
    const said = ["ein Ofen für 3 °C", 2, null].map((body) => caller.seal(body));
    for (const message of said) {
      expect(called.value.accept(message)).toMatchObject({ ok: true });
      expect(caller.noteTaken(message.sequence, slot)).toMatchObject({ ok: true });
    }
    expect(caller.rootOf(slot)).toEqual(slotRootOf(caller.id, slot, said, sha256InJavaScript));
    const forged = { ...called.value.seal(1), body: "2" };
    expect(caller.accept(forged)).toEqual({ ok: false, error: { code: "MAC_WRONG" } });
  });
});
