import { test } from "@jest/globals";
import { instantMs, partyId, wattHours } from "@micromarket/kernel";
import { apply, openNode, stateHash, snapshotText, replayFromZero, type Command } from "@micromarket/engine";
import { createMemoryDisk, createMemoryJournal } from "@micromarket/testkit";
import { RULES, START, slot, street, tender, submit, report, GRID } from "./street.ts";
test("bench", () => {
  const homes = Array.from({ length: 17 }, (_, i) => partyId(`home-${i}`));
  const commands: [Command, number][] = [];
  const at0 = START - 86_400_000;
  commands.push([{ type: "SetTariff", from: instantMs(0), tariff: 300000 as never, feedIn: 80000 as never }, at0]);
  for (const h of homes) commands.push([{ type: "RegisterParty", party: h }, at0]);
  for (let s = 1; s <= 8760; s++) {
    const at = slot(s) - 600_000;
    homes.forEach((h, i) => commands.push([submit(slot(s), tender(`t-${i}`, h, (i + s) % 3 ? "buy" : "sell", [((i + s) % 3 ? 100 - 0 : 0) * 10_000, 100 + ((i * 37 + s * 11) % 900)])), at]));
    commands.push([{ type: "CloseGate", slot: slot(s) }, slot(s) - 300_000]);
    const end = slot(s) + 900_000;
    homes.forEach((h, i) => commands.push([report(slot(s), h, (i * 13 + s) % 900, 0), end]));
    commands.push([report(slot(s), GRID, 0, 5000), end]);
  }
  const state = street();
  let t = Date.now(); let refusedCount = 0;
  for (const [c, a] of commands) { const o = apply(state, c, instantMs(a)); if (!o.ok) refusedCount++; }
  console.log(commands.length, "apply ms", Date.now() - t, "refused", refusedCount, snapshotText(state).length);
  const disk = createMemoryDisk();
  const node = openNode(RULES, createMemoryJournal(disk));
  if (!node.ok) throw new Error();
  t = Date.now();
  for (let i = 0; i < commands.length; i += 20) { const group = commands.slice(i, i + 20); node.value.execute(group.map(([c]) => c), instantMs(group.at(-1)![1])); }
  console.log("execute ms", Date.now() - t, disk.entries.length);
  t = Date.now();
  const r = replayFromZero(RULES, disk.entries);
  console.log("replay ms", Date.now() - t, r.ok && stateHash(r.value.state) === stateHash(node.value.state));
});
