/** A heater behind a switched plug. */
import { flowCounter } from "./energy.ts";
import type { PlantMember } from "./plant-member.ts";

/** The switch in front of it. */
export interface PlugSwitch {
  readonly isOn: boolean;
  timerAt(): number;
  expire(realMs: number): void;
}

/** What the heater takes while it is on. */
export const PLUG_POWER_W = 1_500;

/** A heater under `control`. */
export function plug(control: PlugSwitch): PlantMember {
  const counter = flowCounter();
  let power = 0;
  return {
    name: "plug",
    counter,
    get powerW() {
      return power;
    },
    decide: () => {
      power = control.isOn ? PLUG_POWER_W : 0;
      return { powerW: power, forMs: Infinity };
    },
    run: counter.add,
    timerAt: () => control.timerAt(),
    expire: (realMs) => {
      control.expire(realMs);
    },
  };
}
