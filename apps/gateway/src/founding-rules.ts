/** On which rules the market of a journal was founded: the file's, and whose signatures count. */
import { decodeCommand, restoreState, type Journal, type MarketRules } from "@micromarket/engine";
import { readEnvelope, type Did } from "@micromarket/identity";

/**
 * The founding rules of the market whose journal is `journal`. A fresh one is founded signed, with `operator` as its
 * operator. Nobody but the operator can have said the first thing in a signed market, so that the first entry's envelope
 * names it; a journal that begins without one was founded open, and stays so. Nothing is believed by that: the first
 * entry's hash hangs on the founding rules. The base of a pruned journal has them with it.
 */
export function foundingRules(
  rules: MarketRules,
  journal: Pick<Journal, "read" | "base">,
  operator: Did | null,
): MarketRules {
  const base = journal.base();
  if (base !== null) return { ...rules, ...signingRulesIn(base.state) };
  const [first] = journal.read(1);
  const founder = first === undefined ? operator : founderIn(first.command);
  return founder === null ? rules : { ...rules, identity: "signed", operator: founder };
}

function founderIn(text: string): Did | null {
  const command = decodeCommand(text);
  if (!command.ok || command.value.type !== "Signed") return null;
  const envelope = readEnvelope(command.value.envelope);
  return envelope.ok ? envelope.value.payload.signer : null;
}

/** Whose signatures count in the state of a base; one that cannot be read is complained of by whoever opens the node on it. */
function signingRulesIn(state: string): Pick<MarketRules, "identity" | "operator"> {
  const restored = restoreState(state);
  if (!restored.ok) return {};
  const { identity, operator } = restored.value.rules;
  return { ...(identity === undefined ? {} : { identity }), ...(operator === undefined ? {} : { operator }) };
}
