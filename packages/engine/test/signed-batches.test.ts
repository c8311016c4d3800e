/** Batches in envelopes: whose they are, what they use of a grant, and what contradicts them. */
import { expect, test } from "@jest/globals";
import { amountNano, hashText, priceMicro, tenderId, wattHours } from "@micromarket/kernel";
import type { Grant } from "@micromarket/identity";
import { restoreState, snapshotText, type BareCommand, type State, type TenderLot } from "@micromarket/engine";
import { ANNE, BERT, minute, obeyed, slot, submit, tender } from "./street.ts";
import { ANNES, BERTS, codeOf, envelope, NOW, signed, signedBy, signedStreet } from "./signed-street.ts";

function batch(name: string, ...lots: readonly (readonly [at: number, ...energies: number[]])[]): BareCommand {
  const lotOf = ([at, ...energies]: readonly [number, ...number[]]): TenderLot => ({
    slot: slot(at),
    prices: energies.map(() => priceMicro(200_000)),
    energies: energies.map(wattHours),
  });
  return { type: "SubmitTenders", party: ANNE, batch: tenderId(name), lots: lots.map(lotOf) };
}

const orderOf = (command: BareCommand, salt = "1") => envelope("order", ANNE, ANNES.gateway, command, { salt });
const says = (command: BareCommand, salt = "1") => signed(orderOf(command, salt));
const cancelAll: BareCommand = { type: "CancelTenders", party: ANNE, slot: null, tenders: null };

test("an order may be a batch, or take many back; only of the party's own, with ids of its own", () => {
  const state = signedStreet();
  expect(codeOf(signedBy("reading", ANNE, ANNES.gateway, batch("anne/a", [4, 5])), state)).toBe("COMMAND_NOT_OF_TYPE");
  expect(codeOf(signedBy("order", BERT, BERTS.gateway, batch("anne/a", [4, 5])), state)).toBe("COMMAND_OF_OTHER_PARTY");
  expect(codeOf(signedBy("order", BERT, BERTS.gateway, cancelAll), state)).toBe("COMMAND_OF_OTHER_PARTY");
  for (const name of ["a", "bert/a", "anne/a/b"])
    expect({ name, code: codeOf(says(batch(name, [4, 5])), state) }).toEqual({ name, code: "TENDER_ID_NOT_OWN" });
  expect(codeOf(batch("anne/a", [4, 5]), state)).toBe("UNSIGNED");
  expect(codeOf(says(batch("anne/a", [4, 5, 6], [5, -7])), state)).toBe("ok");
  expect(codeOf(says(cancelAll, "2"), state)).toBe("ok");
  expect(codeOf(says(cancelAll, "3"), state)).toBe("TENDERS_NONE");
});

test("who signed a lot is in the state, and comes back from its text", () => {
  const state = signedStreet();
  obeyed(state, says(batch("anne/a", [4, 5, 6])), NOW);
  obeyed(state, says({ type: "CancelTenders", party: ANNE, slot: slot(4), tenders: [tenderId("anne/a.0")] }, "2"), NOW);
  const text = snapshotText(state);
  const restored = restoreState(text);
  if (!restored.ok) throw new Error(JSON.stringify(restored.error));
  expect(snapshotText(restored.value)).toBe(text);
  const contrary = submit(slot(4), tender("anne/a.1", ANNE, "buy", [200_000, 7])) as BareCommand;
  expect(obeyed(restored.value, says(contrary, "3"), NOW)).toMatchObject([
    { type: "EquivocationFound", tender: "anne/a.1" },
  ]);
});

const idOf = (text: string) => hashText((JSON.parse(text) as { payload: string }).payload);

test("a batch that contradicts what its signer has placed voids that, and places nothing", () => {
  const state = signedStreet();
  const first = batch("anne/a", [4, 5, 6, 7], [5, 8]);
  obeyed(state, says(first), NOW);
  const other = batch("anne/a", [4, 5, 60, -7], [5, 8]);
  const evidence = { slot: slot(4), party: ANNE, signer: ANNES.gateway.key.did };
  const envelopes = [idOf(orderOf(first)), idOf(orderOf(other, "2"))];
  expect(obeyed(state, says(other, "2"), NOW)).toEqual([
    { type: "EquivocationFound", ...evidence, tender: "anne/a.1", envelopes },
    { type: "EquivocationFound", ...evidence, tender: "anne/a.2", envelopes },
  ]);
  const standing = (at: number) => [...(state.books.get(slot(at))?.tenders.keys() ?? [])];
  expect([standing(4), standing(5)]).toEqual([["anne/a.0"], ["anne/a.3"]]);
});

test("the same batch once more, or somebody else's for the party, contradicts nothing", () => {
  const state = signedStreet();
  obeyed(state, says(batch("anne/a", [4, 5, 6])), NOW);
  expect(codeOf(says(batch("anne/a", [4, 5, 6]), "2"), state)).toBe("BATCH_REFUSED");
  const byOwner = signedBy("order", ANNE, ANNES.owner, batch("anne/a", [4, 50, 60]), { salt: "3" });
  expect(codeOf(byOwner, state)).toBe("BATCH_REFUSED");
  expect(state.books.get(slot(4))?.tenders.size).toBe(2);
});

const GRANT: Grant = {
  id: "anne to bert",
  party: ANNE,
  grantee: BERTS.gateway.key.did,
  parent: null,
  types: ["order"],
  from: NOW,
  expires: minute(50),
  energyPerSlot: wattHours(800),
  priceMax: priceMicro(300_000),
  spendPerDay: amountNano(1_000n * 200_000n),
};

test.each<[string, BareCommand]>([
  ["BATCH_EMPTY", batch("anne/a")],
  ["BATCH_REFUSED", batch("anne/a", [4, 801], [4.5, 5])],
  ["BATCH_REFUSED", batch("anne/a", [4, 801, 0])],
  ["GRANT_ENERGY", batch("anne/a", [4, 400, 401])],
  ["GRANT_ENERGY", batch("anne/a", [5, 1], [4, 400, -401])],
  ["GRANT_SPEND", batch("anne/a", [4, 500], [5, 501])],
  ["ok", batch("anne/a", [4, 400, 100], [5, 500])],
  ["ok", cancelAll],
])("by grant: %s", (code, command) => {
  const state = granted();
  obeyed(state, says(batch("anne/before", [6, -1])), NOW);
  const byGrant = (own: BareCommand, salt: string) =>
    signedBy("order", ANNE, BERTS.gateway, own, { grant: GRANT.id, salt });
  expect(codeOf(byGrant(command, "1"), state)).toBe(code);
  // what was refused used nothing up, what was taken all that it can cost
  const isUsed = code === "ok" && command.type === "SubmitTenders";
  expect(codeOf(byGrant(batch("anne/b", [7, 500], [8, 500]), "2"), state)).toBe(isUsed ? "GRANT_SPEND" : "ok");
});

function granted(): State {
  const state = signedStreet();
  obeyed(state, signedBy("admin", ANNE, ANNES.owner, { type: "MakeGrant", grant: GRANT }), NOW);
  return state;
}
