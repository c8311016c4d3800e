/** What one market below a root presents: its event, and the bytes that go up. */
import { partyId, type PartyId } from "@micromarket/kernel";
import type { NodeRules, PositionFormed } from "@micromarket/engine";
import { EMPTY_CURVE } from "@micromarket/market";
import { encodePosition, positionMessage } from "@micromarket/aggregator";
import { COPPER, found, SLOT, TIMES, type Plan } from "./tree.ts";

export const RULES: Partial<NodeRules> = { positionSteps: 64, membersMin: 3 };

/** What a market with these tenders presents; `emptyMarkets` below it present that they would take nothing. */
export function presented(
  tenders: Plan["tenders"],
  bystanders: readonly string[] = [],
  rules = RULES,
  emptyMarkets: readonly string[] = [],
): PositionFormed {
  const root = found({ tie: null, tenders: [], below: [{ tie: COPPER, tenders, below: [] }] }, rules);
  const [market] = root.below;
  if (market === undefined) throw new Error("the tree has a market");
  const register = (name: string): PartyId => {
    market.obey({ type: "RegisterParty", party: partyId(name) }, market.state.at);
    return partyId(name);
  };
  for (const name of bystanders) register(name);
  for (const name of emptyMarkets) {
    const party = register(name);
    market.obey({ type: "SubmitPosition", slot: SLOT, party, number: 1, curve: EMPTY_CURVE }, market.state.at);
  }
  const outcome = market.obey({ type: "CloseGate", slot: SLOT }, TIMES.gateAt(1));
  const formed = outcome.ok
    ? outcome.events.find((event): event is PositionFormed => event.type === "PositionFormed")
    : undefined;
  if (formed === undefined) throw new Error("the market presents a position");
  return formed;
}

/** The bytes of it that go up. */
export function upward(...market: Parameters<typeof presented>): string {
  return encodePosition(positionMessage(presented(...market)));
}
