/**
 * A home whose devices can be told something: load, PV, battery, charger and plug behind one grid meter, stepped together.
 *
 * Energy, ramps and sessions move in virtual time; timers by which a device falls back run in real time, as the one does who
 * refreshes them. Between two looks virtual time goes on evenly with real time.
 *
 * Invariants: in every piece of time each power is constant and grid = load + PV + battery + charger + plug, so the counters
 * are exact sums to the watt-millisecond; looking more often changes nothing; virtual time that goes back moves nothing.
 */
import type { WattHours } from "@micromarket/kernel";
import { flowCounter, flowOf, shownWh, type Flow, type FlowCounter } from "./energy.ts";
import type { Decision, MemberName, MemberState, PlantMember } from "./plant-member.ts";

/** What the street offers and asks in the slot of an instant; W, neither negative. */
export interface HomeFlows {
  readonly loadW: number;
  readonly availablePvW: number;
  /** Virtual time at which the slot ends. */
  readonly untilMs: number;
}

/** A home under control. */
export interface HomePlant {
  readonly members: ReadonlyMap<MemberName, PlantMember>;
  readonly load: FlowCounter;
  readonly grid: FlowCounter;
  /** Sum of the powers at the grid meter. */
  gridW(): number;
  /** Steps up to a pair of real and virtual time. */
  advance(realMs: number, virtualMs: number): void;
  /** How it stands, for `recall`. */
  keep(): PlantMemory;
  /** Goes on from how it stood in an earlier run: virtual time before that moves nothing. */
  recall(memory: PlantMemory): void;
}

/** How a home stood at a virtual time. */
export interface PlantMemory {
  readonly at: number;
  /** The least and the most power so far in the slot that runs; empty at its start. */
  readonly extremes: readonly number[];
  readonly load: Flow;
  readonly grid: Flow;
  readonly members: ReadonlyMap<string, KeptMember>;
}

interface KeptMember {
  readonly counter: Flow;
  readonly state: MemberState;
}

/** What went through a home's grid meter in a slot that is over. */
export interface SlotFlow {
  /** Virtual time at which the slot ended. */
  readonly endMs: number;
  /** What the counters showed then. */
  readonly imported: WattHours;
  readonly exported: WattHours;
  /** The least and the most power that held for a while in the slot; load convention. */
  readonly leastW: number;
  readonly mostW: number;
}

interface Piece {
  readonly loadW: number;
  readonly slotEndMs: number;
  readonly decisions: readonly (readonly [PlantMember, Decision])[];
  readonly untilMs: number;
}

/** A home at the epoch. `members` decide in their order: each sees the sum of those before it. `slotEnded` hears of each slot once. */
export function homePlant(
  epochMs: number,
  startedAtRealMs: number,
  members: readonly PlantMember[],
  flowsAt: (virtualMs: number) => HomeFlows,
  slotEnded: (flow: SlotFlow) => void = () => undefined,
): HomePlant {
  const [load, grid] = [flowCounter(), flowCounter()];
  let [now, real] = [epochMs, startedAtRealMs];
  let gridW = 0;
  const slot = slotWatch(grid, slotEnded);

  function pieceAt(virtualMs: number): Piece {
    const { loadW, availablePvW, untilMs } = flowsAt(virtualMs);
    let [netW, pvW, until] = [loadW, 0, untilMs];
    const decisions = members.map((member) => {
      const decision = member.decide({ atMs: virtualMs, availablePvW, pvW, netW });
      netW += decision.powerW;
      if (member.name === "pv") pvW = decision.powerW;
      until = Math.min(until, virtualMs + decision.forMs);
      return [member, decision] as const;
    });
    gridW = netW;
    return { loadW, slotEndMs: untilMs, decisions, untilMs: until };
  }

  function run({ loadW, decisions, slotEndMs }: Piece, ms: number): void {
    load.add(loadW, ms);
    grid.add(gridW, ms);
    for (const [member, { powerW }] of decisions) member.run(powerW, ms);
    now += ms;
    slot.note(gridW, now, slotEndMs);
  }

  const timerAt = (): number => Math.min(...members.map((member) => member.timerAt()));

  function expire(realMs: number): void {
    for (const member of members) if (member.timerAt() <= realMs) member.expire(realMs);
  }

  return {
    members: new Map(members.map((member) => [member.name, member])),
    load,
    grid,
    gridW: () => gridW,
    advance: (realMs, virtualMs) => {
      while (now < virtualMs) {
        expire(real);
        const piece = pieceAt(now);
        const realPerVirtual = Math.max(0, realMs - real) / (virtualMs - now);
        const untilTimer = realPerVirtual === 0 ? Infinity : Math.ceil((timerAt() - real) / realPerVirtual);
        const ms = Math.min(virtualMs - now, piece.untilMs - now, Math.max(1, untilTimer));
        run(piece, ms);
        real += ms * realPerVirtual;
      }
      real = Math.max(real, realMs);
      expire(real);
      pieceAt(now);
    },
    keep: () => ({ at: now, extremes: slot.keep(), load: flowOf(load), grid: flowOf(grid), members: keptOf(members) }),
    recall: (memory) => {
      now = memory.at;
      slot.recall(memory.extremes);
      load.recall(memory.load);
      grid.recall(memory.grid);
      for (const member of members) recallMember(member, memory.members.get(member.name));
    },
  };
}

/** Between which powers a slot runs, told once it is over. */
interface SlotWatch {
  readonly note: (gridW: number, now: number, slotEndMs: number) => void;
  readonly keep: () => PlantMemory["extremes"];
  readonly recall: (extremes: PlantMemory["extremes"]) => void;
}

function slotWatch(grid: FlowCounter, slotEnded: (flow: SlotFlow) => void): SlotWatch {
  let [leastW, mostW] = [Infinity, -Infinity];
  return {
    note: (gridW, now, slotEndMs) => {
      [leastW, mostW] = [Math.min(leastW, gridW), Math.max(mostW, gridW)];
      if (now < slotEndMs) return;
      const [imported, exported] = [shownWh(grid.inWms), shownWh(grid.outWms)];
      slotEnded({ endMs: now, imported, exported, leastW, mostW });
      [leastW, mostW] = [Infinity, -Infinity];
    },
    keep: () => [leastW, mostW].filter(Number.isFinite),
    recall: (extremes) => {
      [leastW = Infinity, mostW = -Infinity] = extremes;
    },
  };
}

function keptOf(members: readonly PlantMember[]): PlantMemory["members"] {
  return new Map(members.map((each) => [each.name, { counter: flowOf(each.counter), state: each.keep?.() ?? {} }]));
}

function recallMember(member: PlantMember, kept: KeptMember | undefined): void {
  if (kept === undefined) return;
  member.counter.recall(kept.counter);
  member.recall?.(kept.state);
}
