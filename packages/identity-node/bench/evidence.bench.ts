/**
 * Orders that bind their sender and can be checked one by one: messages of a session whose Merkle root is signed once,
 * beside one signature an order by @noble/secp256k1. Both sides' work is counted: making, checking, and a proof of each.
 */
import { getPublicKey, sign, verify } from "@noble/secp256k1";
import { canonicalText, hashText, instantMs, type CanonicalValue } from "@micromarket/kernel";
import {
  CallerSession,
  checkSignature,
  greetingOf,
  leafOf,
  MerkleFrontier,
  merkleTree,
  messageHash,
  Session,
  signerOf,
} from "@micromarket/identity";
import { sha256ByOpenssl, verifyByOpenssl } from "@micromarket/identity-node";
import { compareGrowth } from "../../../tools/bench/compare-growth.ts";

const SEED = 1;
const SECRET = Uint8Array.from(Buffer.from(hashText("sender"), "hex"));
const EPHEMERAL = ["caller", "called"].map((name) => Uint8Array.from(Buffer.from(hashText(name), "hex"))) as [
  Uint8Array,
  Uint8Array,
];
const SLOT = instantMs(1_782_864_000_000);
const IDS = { caller: hashText("first greeting"), called: hashText("second greeting") };

function orders(count: number): readonly CanonicalValue[] {
  return Array.from({ length: count }, (_, index) => ({
    type: "order",
    slot: 1_782_864_000_000,
    side: index % 2 === 0 ? "buy" : "sell",
    energy: 100 + ((index * 7_919) % 2_000),
    price: 80_000 + ((index * 104_729) % 240_000),
    id: `order-${SEED}-${index}`,
  }));
}

function openPair(): readonly [Session, Session] {
  const [caller, called] = EPHEMERAL;
  const [sender, receiver] = [
    Session.open("caller", caller, greetingOf(called), IDS, sha256ByOpenssl),
    Session.open("called", called, greetingOf(caller), IDS, sha256ByOpenssl),
  ];
  if (!sender.ok || !receiver.ok) throw new Error("the greetings are sound");
  return [sender.value, receiver.value];
}

const signer = signerOf(SECRET);

/** Greetings are between two sides for as long as they talk: not counted. Each side keeps the root of what was said. */
function bySession({ bodies, pair: [session, receiver] }: Prepared): number {
  const [sender, taken] = [new CallerSession(session, SLOT, sha256ByOpenssl), new MerkleFrontier()];
  const leaves = bodies.map((body) => {
    const message = sender.seal(body);
    if (!receiver.accept(message).ok) throw new Error("a message was not believed");
    taken.add(messageHash(message, sha256ByOpenssl), sha256ByOpenssl);
    sender.noteTaken(message.sequence, SLOT);
    return leafOf(message);
  });
  const root = sender.rootOf(SLOT);
  const evidence = Buffer.from(canonicalText({ ...root }));
  const signature = signer.sign(evidence);
  if (!checkSignature(verifyByOpenssl, evidence, signature, signer.key).ok) throw new Error("the root is not signed");
  if (taken.root(sha256ByOpenssl) !== root.root) throw new Error("the root is another");
  const tree = merkleTree(leaves, sha256ByOpenssl);
  if (tree.root !== root.root) throw new Error("the tree is another");
  return leaves.reduce((sum, _, index) => sum + tree.proof(index).length, 0);
}

function bySignatures({ bodies }: Prepared): number {
  const key = getPublicKey(SECRET, true);
  let checked = 0;
  for (const body of bodies) {
    const message = Buffer.from(canonicalText(body));
    if (verify(sign(message, SECRET), message, key)) checked += 1;
  }
  return checked;
}

interface Prepared {
  readonly bodies: readonly CanonicalValue[];
  readonly pair: readonly [Session, Session];
}

compareGrowth<Prepared>({
  title: "orders signed and checkable one by one",
  seed: SEED,
  unit: "order",
  peer: "@noble/secp256k1, one signature an order (sign and verify)",
  sizes: [16, 128, 1_024],
  prepare: (count) => ({ bodies: orders(count), pair: openPair() }),
  run: bySession,
  runPeer: bySignatures,
});
