import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { canonicalText, hashText } from "@micromarket/kernel";
import {
  decodeFrontier,
  decodeSessionMessage,
  frontierRecord,
  greetingOf,
  isUnderRoot,
  leafOf,
  MerkleFrontier,
  merkleTree,
  messageHash,
  readGreeting,
  Session,
} from "@micromarket/identity";
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
    const [first, second] = [caller.seal({ buy: 1 }), caller.sealText(`{"buy":2}`)];
    expect(called.accept(second)).toEqual({
      ok: false,
      error: { code: "SEQUENCE_BROKEN", sequence: 2, expected: 1 },
    });
    expect(called.accept(first)).toEqual({ ok: true, value: canonicalText({ buy: 1 }) });
    expect(called.accept(first)).toMatchObject({ error: { code: "SEQUENCE_BROKEN", expected: 2 } });
    expect(called.accept(second)).toEqual({ ok: true, value: canonicalText({ buy: 2 }) });
    expect(caller.accept(called.seal("thanks"))).toEqual({ ok: true, value: '"thanks"' });
  });

  test.each([
    ["another body", { body: "2" }],
    ["another number", { sequence: 2 }],
    ["no number", { sequence: 1.5 }],
    ["another MAC", { mac: "0".repeat(64) }],
    ["a short MAC", { mac: "" }],
  ])("%s is not believed", (_, change) => {
    const [caller, called] = pair();
    expect(called.accept({ ...caller.seal(1), ...change })).toEqual({ ok: false, error: { code: "MAC_WRONG" } });
    expect(called.accept(pair()[0].seal(1)).ok).toBe(true);
  });

  test("a message that comes back to its sender is not believed, nor one of another session", () => {
    const [caller] = pair();
    const message = caller.seal(1);
    expect(caller.accept(message)).toMatchObject({ error: { code: "MAC_WRONG" } });
    const [, other] = pair({ ...IDS, called: hashText("third greeting") });
    expect(other.accept(message)).toMatchObject({ error: { code: "MAC_WRONG" } });
  });

  test.each([
    ["no object", 1, ""],
    ["a text for a number", { sequence: "1", body: "", mac: "" }, "sequence"],
    ["no MAC", { sequence: 1, body: "" }, "mac"],
    ["something more", { sequence: 1, body: "", mac: "", session: "" }, "session"],
  ])("%s is no message", (_, value, path) => {
    expect(decodeSessionMessage(value, "")).toMatchObject({ error: { code: "VALUE_MALFORMED", path } });
  });

  test("a greeting without a point is refused", () => {
    const none = { ephemeral: `02${"f".repeat(64)}` };
    expect(Session.open("caller", secretOf("one"), none, IDS)).toMatchObject({ error: { code: "KEY_MALFORMED" } });
    expect(readGreeting({ ephemeral: "02" })).toMatchObject({ error: { path: "body.ephemeral" } });
    expect(readGreeting({ ...greetingOf(secretOf("one")) })).toMatchObject({ ok: true });
  });
});

describe("MerkleFrontier", () => {
  const messages = Array.from({ length: 70 }, (_, index) => ({ sequence: index + 1, body: `"${index}"` }));

  test("has the root of the whole tree after every leaf, with a hash for each one of the count", () => {
    const frontier = new MerkleFrontier();
    for (let count = 0; count <= messages.length; count++) {
      expect([frontier.count, frontier.root()]).toEqual([count, merkleTree(messages.slice(0, count).map(leafOf)).root]);
      expect(frontier.peaks).toHaveLength(count.toString(2).replaceAll("0", "").length);
      const next = messages[count];
      if (next !== undefined) frontier.add(messageHash(next));
    }
  });

  test("comes back from its record and goes on as if it had not been away", () => {
    fc.assert(
      fc.property(fc.nat(60), fc.nat(60), (one, two) => {
        const frontier = new MerkleFrontier();
        for (const message of messages.slice(0, one)) frontier.add(messageHash(message));
        const again = decodeFrontier(JSON.parse(canonicalText(frontierRecord(frontier))), "");
        if (!again.ok) throw new Error(JSON.stringify(again.error));
        for (const message of messages.slice(0, two))
          for (const each of [frontier, again.value]) each.add(messageHash(message));
        expect(again.value.root()).toBe(frontier.root());
        expect(frontierRecord(again.value)).toEqual(frontierRecord(frontier));
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    ["a hash too few", [3, [hashText("a")]]],
    ["a hash too many", [1, [hashText("a"), hashText("b")]]],
    ["a negative count", [-1, [hashText("a")]]],
    ["no hash", [1, ["00"]]],
    ["no count", [hashText("a")]],
  ])("does not come back from %s", (_, record) => {
    expect(decodeFrontier(record, "unsigned")).toMatchObject({ error: { code: "VALUE_MALFORMED" } });
    expect(() => MerkleFrontier.of(3, [hashText("a")])).toThrow("a peak for each one");
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
