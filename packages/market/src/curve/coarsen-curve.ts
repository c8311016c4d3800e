/**
 * A curve of fewer steps that promises no more at any price than the curve it stands for: demand is merged to the lower
 * price, supply to the higher, so that whoever is awarded something is served at a price that suits him.
 *
 * Invariants: the ends stay, apart from what only a price without bound could bring (supply below every price is not
 * imported, demand above every price is not exported); net demand at a price is nowhere farther from zero than before.
 */
import { amountNano, wattHours, type AmountNano } from "@micromarket/kernel";
import { splitAtZero } from "./cut-curve.ts";
import { curveOfDrops, dropsOf, type Drop, type StepCurve } from "./step-curve.ts";

/** A coarsened curve. */
export interface CoarseCurve {
  readonly curve: StepCurve;
  /** Welfare that the coarsening can cost, at most; `null` where an order without a price was given one. */
  readonly costMax: AmountNano | null;
}

/** Two neighbours of one direction that could become one. */
interface Merger {
  readonly at: number;
  /** Nano-currency; Infinity where one of the prices is. */
  readonly cost: number;
}

/**
 * In a round one step in so many is merged. More at once would merge dear neighbours while cheap ones are left: of steps
 * that share none, half of all is nearly every pair, and the one great step of a street's PV among them.
 */
const ROUNDS_SHARE = 8;

/** At most `most` steps (2 or more), merging what costs least; the curve itself where it has no more. */
export function coarsenCurve(curve: StepCurve, most: number): CoarseCurve {
  if (curve.drops.length <= most) return { curve, costMax: amountNano(0n) };
  const { imports, exports } = partsOf(curve);
  let steps = [...imports, ...exports];
  let firstExport = imports.length;
  let cost = 0;
  while (steps.length > most) {
    const mergers = cheapest(steps, firstExport, Math.min(steps.length - most, Math.ceil(steps.length / ROUNDS_SHARE)));
    cost += mergers.reduce((sum, merger) => sum + merger.cost, 0);
    const merged = mergeAll(steps, firstExport, mergers);
    firstExport -= mergers.filter(({ at }) => at < firstExport).length;
    steps = merged;
  }
  return { curve: rejoined(steps, firstExport), costMax: costOf(cost) };
}

/** One step of import and one of export, at most. */
export function coarsenToOneStep(curve: StepCurve): CoarseCurve {
  const { imports, exports } = partsOf(curve);
  const oneImport = mergedRun(imports, "import");
  const oneExport = mergedRun(exports, "export");
  const steps = [...oneImport.steps, ...oneExport.steps];
  return { curve: rejoined(steps, oneImport.steps.length), costMax: costOf(oneImport.cost + oneExport.cost) };
}

/** Both directions, without what no price brings about. */
function partsOf(curve: StepCurve): { readonly imports: readonly Drop[]; readonly exports: readonly Drop[] } {
  const { imports, exports } = splitAtZero(curve);
  return {
    imports: dropsOf(imports).filter(({ price }) => price !== -Infinity),
    exports: dropsOf(exports).filter(({ price }) => price !== Infinity),
  };
}

function mergedRun(steps: readonly Drop[], way: "import" | "export"): { steps: readonly Drop[]; cost: number } {
  const kept = way === "import" ? steps[0] : steps.at(-1);
  if (kept === undefined) return { steps: [], cost: 0 };
  const energy = steps.reduce((sum, step) => sum + step.energy, 0);
  const cost = steps.reduce((sum, step) => sum + costOfMove(step, kept.price), 0);
  return { steps: [{ ...kept, energy }], cost };
}

function costOfMove({ price, energy }: Drop, to: number): number {
  return price === to ? 0 : Math.abs(price - to) * energy;
}

/** Up to `most` mergers that share no step, cheapest first; of equal ones the first. */
function cheapest(steps: readonly Drop[], firstExport: number, most: number): readonly Merger[] {
  const mergers: Merger[] = [];
  for (let at = 0; at + 1 < steps.length; at++) {
    if (at + 1 === firstExport) continue;
    const [lower, upper] = [steps[at], steps[at + 1]];
    if (lower === undefined || upper === undefined) continue;
    mergers.push({ at, cost: at < firstExport ? costOfMove(upper, lower.price) : costOfMove(lower, upper.price) });
  }
  mergers.sort((a, b) => (a.cost === b.cost ? a.at - b.at : a.cost < b.cost ? -1 : 1));
  const taken = new Set<number>();
  const chosen: Merger[] = [];
  for (const merger of mergers) {
    if (chosen.length >= most) break;
    if (taken.has(merger.at) || taken.has(merger.at + 1)) continue;
    taken.add(merger.at).add(merger.at + 1);
    chosen.push(merger);
  }
  return chosen;
}

function mergeAll(steps: readonly Drop[], firstExport: number, mergers: readonly Merger[]): Drop[] {
  const starts = new Set(mergers.map(({ at }) => at));
  const merged: Drop[] = [];
  for (let at = 0; at < steps.length; at++) {
    const [step, next] = [steps[at], steps[at + 1]];
    if (step === undefined) continue;
    if (!starts.has(at) || next === undefined) {
      merged.push(step);
      continue;
    }
    merged.push({ ...(at < firstExport ? step : next), energy: step.energy + next.energy });
    at += 1;
  }
  return merged;
}

function rejoined(steps: readonly Drop[], firstExport: number): StepCurve {
  const top = steps.slice(0, firstExport).reduce((sum, { energy }) => sum + energy, 0);
  return curveOfDrops(wattHours(top), steps);
}

/** Costs are summed in floats and rounded up by the error that their number of digits allows. */
function costOf(cost: number): AmountNano | null {
  if (!Number.isFinite(cost)) return null;
  return amountNano(BigInt(Math.ceil(cost)) + (cost > Number.MAX_SAFE_INTEGER ? BigInt(Math.ceil(cost)) >> 40n : 0n));
}

/** Net demand at its least and at its most where the price is `price`. */
export function levelsAt(curve: StepCurve, price: number): { readonly least: number; readonly most: number } {
  let most: number = curve.top;
  let least: number = curve.top;
  for (const step of dropsOf(curve)) {
    if (step.price < price) most -= step.energy;
    if (step.price <= price) least -= step.energy;
  }
  return { least, most };
}

/** Whether `curve` keeps the invariants of net demand curves; `assertCurve` throws where this says no. */
export function isCurve({ top, prices, kinds, drops }: StepCurve): boolean {
  if (prices.length !== drops.length || kinds.length !== drops.length) return false;
  const steps = dropsOf({ top, prices, kinds, drops });
  const sum = steps.reduce((total, { energy }) => total + energy, 0);
  if (!Number.isSafeInteger(top) || Object.is(top, -0) || top < 0 || !Number.isSafeInteger(sum) || sum < top)
    return false;
  return steps.every((step, at) => isStep(step) && (at === 0 || isAfter(step, steps[at - 1])));
}

function isStep({ price, kind, energy }: Drop): boolean {
  const priced = (Number.isSafeInteger(price) && !Object.is(price, -0)) || Math.abs(price) === Infinity;
  return priced && (kind === 0 || kind === 1) && Number.isSafeInteger(energy) && energy > 0;
}

function isAfter(step: Drop, before: Drop | undefined): boolean {
  if (before === undefined) return true;
  return step.price > before.price || (step.price === before.price && step.kind < before.kind);
}
