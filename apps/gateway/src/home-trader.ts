/** The agents of a home: what they tender for a slot, by what they expect of it and by nothing else. */
import { committedLoad, netTenders, variableGenerator } from "@micromarket/agents";
import type { Command } from "@micromarket/engine";
import { tenderId, wattHours, type InstantMs } from "@micromarket/kernel";
import type { HomeEnergy } from "./energy-history.ts";
import type { HomeConfig } from "./gateway-config.ts";

/** The home's tenders for the slot that starts at `slot`, netted behind its meter. */
export function homeTenders(home: HomeConfig, slot: InstantMs, { load, pv }: HomeEnergy): readonly Command[] {
  const { party, loadLimit, pvReserve } = home;
  const committed = wattHours(0); // one gate per slot: before it nothing is traded
  const tenders = [
    ...committedLoad({ party, tender: tenderId(`${party}/load`), forecast: load, committed, limit: loadLimit }),
    ...variableGenerator({ party, tender: tenderId(`${party}/pv`), forecast: pv, committed, reserve: pvReserve }),
  ];
  return netTenders(tenders).map((tender) => ({ type: "SubmitTender", slot, tender }));
}
