/**
 * A plug with Tasmota: `cmnd/<topic>/POWER` and `PulseTime`, answers at `stat/<topic>/…`, telemetry at `tele/<topic>/…`.
 *
 * PulseTime switches it off again: 1 to 111 tenths of a second, 112 to 64900 seconds and 100 more, 0 never. Its timer runs in
 * real time and starts anew at every ON. Source: Tasmota documentation, Commands and JSON status responses.
 */
import { instantMs } from "@micromarket/kernel";
import type { Condition } from "./fault-board.ts";
import type { Publication } from "./mqtt-devices.ts";
import { shownWh, WMS_PER_WH } from "./plant/energy.ts";
import type { PlantMember } from "./plant/plant-member.ts";
import type { PlugSwitch } from "./plant/plug.ts";

/** The switch of a plug, and what it says to a command. */
export interface TasmotaSwitch extends PlugSwitch {
  /** `null` for a command that it does not know: the device is silent then. */
  command(name: string, payload: string): readonly Publication[] | null;
  turn(isOn: boolean): void;
  state(): "ON" | "OFF";
}

const PULSE_MAX = 64_900;
const TENTHS_MAX = 111;
const TENTH_MS = 100;
const SECONDS_OFFSET = 100;
const WH_PER_KWH = 1_000;
const PHASE_V = 230;

/** A switch that is off. */
export function tasmotaSwitch(topic: string, condition: () => Condition, realNow: () => number): TasmotaSwitch {
  let [isOn, pulse, offAt] = [false, 0, Infinity];

  function turn(on: boolean): void {
    isOn = on;
    const early = condition().revertsEarlyMs ?? Infinity;
    const pulseMs = pulse === 0 ? Infinity : pulse <= TENTHS_MAX ? pulse * TENTH_MS : (pulse - SECONDS_OFFSET) * 1_000;
    offAt = on ? realNow() + Math.min(pulseMs, early) : Infinity;
  }

  const state = (): "ON" | "OFF" => (isOn ? "ON" : "OFF");
  const powerAnswer = (): readonly Publication[] => [
    { topic: `stat/${topic}/RESULT`, payload: JSON.stringify({ POWER: state() }) },
    { topic: `stat/${topic}/POWER`, payload: state() },
  ];

  function setPower(payload: string): void {
    const word = payload.trim().toUpperCase();
    if (word === "ON" || word === "1") turn(true);
    if (word === "OFF" || word === "0") turn(false);
    if (word === "TOGGLE" || word === "2") turn(!isOn);
  }

  function setPulse(payload: string): void {
    const value = Number(payload);
    if (payload.trim() !== "" && Number.isInteger(value) && value >= 0 && value <= PULSE_MAX) pulse = value;
  }

  return {
    get isOn() {
      return isOn;
    },
    state,
    turn,
    command: (name, payload) => {
      switch (name.toUpperCase()) {
        case "POWER":
        case "POWER1":
          setPower(payload);
          return powerAnswer();
        case "PULSETIME":
        case "PULSETIME1": {
          setPulse(payload);
          const answer = { PulseTime1: { Set: pulse, Remaining: isOn ? pulse : 0 } };
          return [{ topic: `stat/${topic}/RESULT`, payload: JSON.stringify(answer) }];
        }
        default:
          return null;
      }
    },
    timerAt: () => offAt,
    expire: () => {
      turn(false);
    },
  };
}

/** The payload of `tele/<topic>/SENSOR`. `Time` has no zone in Tasmota; here it is UTC. */
export function plugSensor({ powerW, counter }: PlantMember, { wrongValue }: Condition, atMs: number): string {
  const shown = (value: number): number | null => {
    if (wrongValue === "not-a-number") return null;
    if (wrongValue === "all-zero") return 0;
    return wrongValue === "implausible" ? (value + 1) * WMS_PER_WH : value;
  };
  const energyWh: number = shownWh(counter.inWms);
  return JSON.stringify({
    Time: new Date(instantMs(atMs)).toISOString().slice(0, "2026-06-01T12:00:00".length),
    ENERGY: {
      Total: shown(energyWh / WH_PER_KWH),
      Power: shown(powerW),
      Voltage: shown(PHASE_V),
      Current: shown(Math.round((powerW * 1_000) / PHASE_V) / 1_000),
    },
  });
}
