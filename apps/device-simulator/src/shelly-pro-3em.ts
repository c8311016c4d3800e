/**
 * What a Shelly Pro 3EM (triphase profile) publishes as full status: `em:0` in watts, `emdata:0` in Wh, both summed over
 * the phases. Our homes load the phases evenly, so the sum of phases is the balanced value.
 *
 * Source: Shelly Gen2 API, components EM and EMData.
 */
import type { Displayed } from "./display.ts";

const PHASES = ["a", "b", "c"] as const;

/** The payload of `<prefix>/status/em:0`. */
export function shellyPowerStatus({ voltageV, frequencyHz, powerW }: Displayed): string {
  const phases = thirds(powerW).map((power) => ({ power, current: currentOf(power, voltageV) }));
  const fields = PHASES.flatMap((name, index) => [
    [`${name}_current`, phases[index]?.current],
    [`${name}_voltage`, voltageV],
    [`${name}_act_power`, phases[index]?.power],
    [`${name}_aprt_power`, Math.abs(phases[index]?.power ?? NaN)],
    [`${name}_pf`, 1],
    [`${name}_freq`, frequencyHz],
  ]);
  return JSON.stringify({
    id: 0,
    ...Object.fromEntries(fields),
    n_current: null,
    total_current: thousandths(phases.reduce((sum, { current }) => sum + current, 0)),
    total_act_power: powerW,
    total_aprt_power: Math.abs(powerW),
    user_calibrated_phase: [],
  });
}

/** The payload of `<prefix>/status/emdata:0`. */
export function shellyEnergyStatus({ importedWh, exportedWh }: Displayed): string {
  const [imported, exported] = [thirds(importedWh), thirds(exportedWh)];
  const fields = PHASES.flatMap((name, index) => [
    [`${name}_total_act_energy`, imported[index]],
    [`${name}_total_act_ret_energy`, exported[index]],
  ]);
  return JSON.stringify({ id: 0, ...Object.fromEntries(fields), total_act: importedWh, total_act_ret: exportedWh });
}

/** Three integers that sum to the integer `total`; none of them falls where it rises. */
function thirds(total: number): readonly number[] {
  return PHASES.map((_, index) => Math.floor((total + index) / 3));
}

function currentOf(powerW: number, voltageV: number): number {
  return voltageV === 0 ? 0 : thousandths(Math.abs(powerW) / voltageV);
}

function thousandths(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
