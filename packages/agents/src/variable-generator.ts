/** The agent of PV and wind: offers what it expects to generate at a low reserve price. */
import { minus, type PartyId, type PriceMicro, type TenderId, type WattHours } from "@micromarket/kernel";
import type { Tender } from "@micromarket/market";

/** All that the agent may see of a slot whose gate is open. */
export interface VariableGeneratorView {
  readonly party: PartyId;
  /** The id that its tender takes, unique within the slot. */
  readonly tender: TenderId;
  /** What the plant is expected to generate in the slot. */
  readonly forecast: WattHours;
  /** What is already sold for the slot. */
  readonly committed: WattHours;
  /** The least it takes per kWh. */
  readonly reserve: PriceMicro;
}

/** One sell tender for the energy that is not yet sold; none where nothing is left. */
export function variableGenerator(view: VariableGeneratorView): readonly Tender[] {
  const unsold = minus(view.forecast, view.committed);
  if (unsold <= 0) return [];
  return [{ id: view.tender, party: view.party, side: "sell", steps: [{ price: view.reserve, energy: unsold }] }];
}
