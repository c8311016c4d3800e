/**
 * An EV charger and the car that stands at it at night. The car takes what is offered, on as many phases as are offered, until
 * it has what it wants.
 */
import { flowCounter } from "./energy.ts";
import type { PlantMember } from "./plant-member.ts";
import { sessionAt, type VehicleSession } from "./vehicle.ts";

/** What the charger offers at the moment; its owner changes it. */
export interface ChargingOffer {
  /** Of each phase; below 6 A nothing flows. */
  readonly currentA: number;
  readonly phases: 1 | 3;
  readonly isAllowed: boolean;
}

/** What the charger knows of the car. */
export type VehicleState = "none" | "charging" | "waiting" | "complete";

/** A charger among a home's members. */
export interface Charger extends PlantMember {
  vehicleState(): VehicleState;
  /** Energy of the session that runs or, while no car is there, of the last one. */
  sessionWms(): number;
}

const PHASE_V = 230;
const CURRENT_A_MIN = 6;

/** A charger that never had a car. `unplugged` is called when a car leaves. */
export function charger(
  seed: number,
  home: string,
  epochMs: number,
  offer: () => ChargingOffer,
  unplugged: () => void,
): Charger {
  const counter = flowCounter();
  let session = firstSession(seed, home, epochMs);
  let isPlugged = false;
  let power = 0;
  let takenWms = 0;

  function moveTo(atMs: number): void {
    if (isPlugged && atMs >= session.leavesAt) {
      isPlugged = false;
      session = sessionAt(seed, home, session.leavesAt);
      unplugged();
    }
    if (!isPlugged && atMs >= session.arrivesAt) {
      isPlugged = true;
      takenWms = 0;
    }
  }

  function offeredW(): number {
    const { currentA, phases, isAllowed } = offer();
    return isAllowed && currentA >= CURRENT_A_MIN ? currentA * phases * PHASE_V : 0;
  }

  return {
    name: "charger",
    counter,
    get powerW() {
      return power;
    },
    vehicleState: () => {
      if (!isPlugged) return "none";
      if (power > 0) return "charging";
      return longestMs(session, takenWms, offeredW()) === 0 ? "complete" : "waiting";
    },
    sessionWms: () => takenWms,
    decide: ({ atMs }) => {
      moveTo(atMs);
      const untilEvent = (isPlugged ? session.leavesAt : session.arrivesAt) - atMs;
      const offered = isPlugged ? offeredW() : 0;
      const untilFull = longestMs(session, takenWms, offered);
      power = untilFull === 0 ? 0 : offered;
      return { powerW: power, forMs: power === 0 ? untilEvent : Math.min(untilEvent, untilFull) };
    },
    run: (powerW, ms) => {
      counter.add(powerW, ms);
      takenWms += powerW * ms;
    },
    timerAt: () => Infinity,
    expire: () => undefined,
    keep: () => ({ ...session, isPlugged: isPlugged ? 1 : 0, takenWms }),
    recall: (state) => {
      const { arrivesAt, leavesAt, neededWms } = state;
      if (arrivesAt === undefined || leavesAt === undefined || neededWms === undefined) return;
      session = { arrivesAt, leavesAt, neededWms };
      isPlugged = state["isPlugged"] === 1;
      takenWms = state["takenWms"] ?? 0;
    },
  };
}

/** For how many whole milliseconds the car goes on at a power. */
function longestMs({ neededWms }: VehicleSession, takenWms: number, powerW: number): number {
  return powerW === 0 ? Infinity : Math.floor((neededWms - takenWms) / powerW);
}

/** No car stands there at the epoch. */
function firstSession(seed: number, home: string, epochMs: number): VehicleSession {
  const session = sessionAt(seed, home, epochMs);
  return session.arrivesAt < epochMs ? sessionAt(seed, home, session.leavesAt) : session;
}
