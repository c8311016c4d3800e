/**
 * A go-e charger's keys over MQTT: one retained JSON value a key, written at `<key>/set` and answered at `<key>/result`.
 *
 * `car` 1: no car, 2 charges, 3 waits, 4 has what it wanted. `frc` falls back to neutral when the car leaves; nothing else
 * reverts by itself. Source: goecharger/go-eCharger-API-v2, MQTT and API keys.
 */
import type { WrongValue } from "./fault.ts";
import { shownWh } from "./plant/energy.ts";
import type { Charger, ChargingOffer } from "./plant/charger.ts";

/** What its owner sets. */
export type GoESettings = {
  /** Amperes of each phase. */
  amp: number;
  /** 0 neutral, 1 off, 2 on. */
  frc: number;
  /** 0 automatic (three here), 1 one phase, 2 three. */
  psm: number;
};

/** The greatest current of the charger. */
export const GO_E_CURRENT_A_MAX = 16;
const PHASE_V = 230;
const RANGES: Readonly<Record<keyof GoESettings, readonly [least: number, most: number]>> = {
  amp: [6, GO_E_CURRENT_A_MAX],
  frc: [0, 2],
  psm: [0, 2],
};
const FORCED = { neutral: 0, off: 1 } as const;
const ONE_PHASE = 1;
const CAR = { none: 1, charging: 2, waiting: 3, complete: 4 } as const;
const MODEL_STATUS = { forcedOff: 4, forcedOn: 3, neutral: 15 } as const;

/** As it comes from the box. */
export function goESettings(): GoESettings {
  return { amp: GO_E_CURRENT_A_MAX, frc: FORCED.neutral, psm: 2 };
}

/** What the settings offer the car. */
export function goEOffer({ amp, frc, psm }: GoESettings): ChargingOffer {
  return { currentA: amp, phases: psm === ONE_PHASE ? 1 : 3, isAllowed: frc !== FORCED.off };
}

/** The keys and their JSON values. */
export function goEKeys(
  charger: Charger,
  settings: GoESettings,
  wrong: WrongValue | null,
): ReadonlyMap<string, string> {
  const { currentA, phases, isAllowed } = goEOffer(settings);
  const modelStatus =
    settings.frc === FORCED.neutral ? MODEL_STATUS.neutral : isAllowed ? MODEL_STATUS.forcedOn : MODEL_STATUS.forcedOff;
  const measures = {
    car: CAR[charger.vehicleState()],
    nrg: energyArray(charger.powerW, phases),
    eto: shownWh(charger.counter.inWms),
    wh: shownWh(charger.sessionWms()),
  };
  const status = {
    ...Object.fromEntries(Object.entries(measures).map(([key, value]) => [key, misread(key, value, wrong)])),
    ...settings,
    ...{ ama: GO_E_CURRENT_A_MAX, acu: isAllowed ? currentA : null, alw: isAllowed, err: 0, modelStatus },
  };
  return new Map(Object.entries(status).map(([key, value]) => [key, JSON.stringify(value)]));
}

/** U of L1 to L3 and N, I of L1 to L3, P of L1 to L3, N and all, power factors of L1 to L3 and N. */
function energyArray(powerW: number, phases: 1 | 3): readonly number[] {
  const perPhase = [0, 1, 2].map((phase) => (phase < phases ? powerW / phases : 0));
  const factors = perPhase.map((power) => (power === 0 ? 0 : 100));
  return [
    PHASE_V,
    PHASE_V,
    PHASE_V,
    0,
    ...perPhase.map((power) => power / PHASE_V),
    ...perPhase,
    0,
    powerW,
    ...factors,
    0,
  ];
}

function misread(key: string, value: number | readonly number[], wrong: WrongValue | null): unknown {
  const every = (change: (of: number) => number | null): unknown =>
    typeof value === "number" ? change(value) : value.map(change);
  switch (wrong) {
    case null:
      return value;
    case "not-a-number":
      return every(() => null);
    case "all-zero":
      return every(() => 0);
    case "implausible":
      return key === "car" ? value : every((of) => (of + 1) * 1_000_000);
  }
}

/** Carries out a message at `<key>/set`; the text of the answer. */
export function setGoEKey(settings: GoESettings, key: string, payload: string): string {
  if (!isSetting(key)) return `api key ${key} is not writable`;
  let value: unknown;
  try {
    value = JSON.parse(payload);
  } catch {
    return `invalid json IncompleteInput: ${payload}`;
  }
  const [least, most] = RANGES[key];
  if (typeof value !== "number" || !Number.isInteger(value)) return `value must be integer ${payload}`;
  if (value < least || value > most) return `value must be between ${least} and ${most}: ${payload}`;
  settings[key] = value;
  return "success";
}

function isSetting(key: string): key is keyof GoESettings {
  return Object.hasOwn(RANGES, key);
}
