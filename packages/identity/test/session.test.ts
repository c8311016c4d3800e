import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { canonicalText, hashText } from "@micromarket/kernel";
import { greetingOf, isUnderRoot, leafOf, merkleTree, readGreeting, Session } from "@micromarket/identity";
import { secretOf } from "./keys.ts";

const IDS = { caller: hashText("first greeting"), called: hashText("second greeting") };

/** Two sides that have greeted each other. */
function pair(ids = IDS): readonly [Session, Session] {
  const [one, two] = [secretOf("one"), secretOf("two")];
  const caller = Session.open("caller", one, greetingOf(two), IDS);
  const called = Session.open("called", two, greetingOf(one), ids);
  if (!caller.ok || !called.ok) throw new Error("the greetings are sound");
  return [caller.value, called.value];
}

describe("Session", () => {
  test("both sides believe each other, each message once and in order", () => {
    const [caller, called] = pair();
    expect(caller.id).toBe(called.id);
    const [first, second] = [caller.seal({ buy: 1 }, 0), caller.seal({ buy: 2 }, 0)];
    expect(called.accept(second, 0)).toEqual({
      ok: false,
      error: { code: "SEQUENCE_BROKEN", sequence: 2, expected: 1 },
    });
    expect(called.accept(first, 0)).toEqual({ ok: true, value: canonicalText({ buy: 1 }) });
    expect(called.accept(first, 0)).toMatchObject({ error: { code: "SEQUENCE_BROKEN", expected: 2 } });
    expect(called.accept(second, 0).ok).toBe(true);
    expect(caller.accept(called.seal("thanks", 0), 0)).toEqual({ ok: true, value: '"thanks"' });
  });

  test.each([
    ["another body", { body: "2" }],
    ["another number", { sequence: 2 }],
    ["another MAC", { mac: "0".repeat(64) }],
    ["a short MAC", { mac: "" }],
  ])("%s is not believed", (_, change) => {
    const [caller, called] = pair();
    expect(called.accept({ ...caller.seal(1, 0), ...change }, 0)).toEqual({ ok: false, error: { code: "MAC_WRONG" } });
    expect(called.accept(pair()[0].seal(1, 0), 0).ok).toBe(true);
  });

  test("a message that comes back to its sender is not believed, nor one of another session", () => {
    const [caller] = pair();
    const message = caller.seal(1, 0);
    expect(caller.accept(message, 0)).toMatchObject({ error: { code: "MAC_WRONG" } });
    const [, other] = pair({ ...IDS, called: hashText("third greeting") });
    expect(other.accept(message, 0)).toMatchObject({ error: { code: "MAC_WRONG" } });
  });

  test("the root of a slot is over what was said in it, and proves each message", () => {
    const [caller, called] = pair();
    const messages = [1, 2, 3].map((body) => caller.seal(body, 7));
    for (const message of messages) called.accept(message, 7);
    called.accept(caller.seal(4, 8), 8);
    const root = caller.closeSlot(7);
    expect(called.agrees({ ...root, count: 2 })).toBe(false);
    expect(called.agrees({ ...root, slot: 8 })).toBe(false);
    expect(called.agrees({ ...root, session: hashText("x") })).toBe(false);
    expect(called.agrees({ ...root, root: hashText("x") })).toBe(false);
    expect(called.agrees({ root: root.root })).toBe(false);
    expect(called.agrees({ ...root })).toBe(true);
    const leaves = messages.map(leafOf);
    const proof = merkleTree(leaves).proof(1);
    expect(isUnderRoot(leafOf({ sequence: 2, body: "2" }), 1, 3, proof, root.root)).toBe(true);
    expect(isUnderRoot(leafOf({ sequence: 2, body: "9" }), 1, 3, proof, root.root)).toBe(false);
  });

  test("a greeting without a point is refused", () => {
    const none = { ephemeral: `02${"f".repeat(64)}` };
    expect(Session.open("caller", secretOf("one"), none, IDS)).toMatchObject({ error: { code: "KEY_MALFORMED" } });
    expect(readGreeting({ ephemeral: "02" })).toMatchObject({ error: { path: "body.ephemeral" } });
    expect(readGreeting({ ...greetingOf(secretOf("one")) })).toMatchObject({ ok: true });
  });
});

describe("merkleTree", () => {
  // the roots of the first n of eight leaves, published with Certificate Transparency
  // (google/certificate-transparency, reference Merkle tree tests)
  const LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
  test.each([
    [0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
    [1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"],
    [2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    [3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"],
    [4, "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"],
    [5, "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"],
    [6, "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"],
    [7, "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"],
    [8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"],
  ])("of the first %i leaves", (count, root) => {
    const leaves = LEAVES.slice(0, count).map((hex) => Uint8Array.from(Buffer.from(hex, "hex")));
    expect(merkleTree(leaves).root).toBe(root);
  });

  test("every leaf has a proof, and at no other place", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(), fc.nat(), (count, which, other) => {
        const leaves = Array.from({ length: count }, (_, index) => leafOf({ sequence: index, body: "x" }));
        const [index, elsewhere] = [which % count, other % (count + 1)];
        const proof = merkleTree(leaves).proof(index);
        const leaf = leafOf({ sequence: index, body: "x" });
        const root = merkleTree(leaves).root;
        expect(isUnderRoot(leaf, index, count, proof, root)).toBe(true);
        if (elsewhere !== index) expect(isUnderRoot(leaf, elsewhere, count, proof, root)).toBe(false);
        expect(isUnderRoot(leaf, index, count, [...proof, root], root)).toBe(false);
      }),
    );
  });
});
