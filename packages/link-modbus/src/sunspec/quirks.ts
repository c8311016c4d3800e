/** What makes do in their own way, as far as it concerns readings. */
import { measured, missing, type Measurement, type Result } from "@micromarket/kernel";
import { spanOf } from "./plan-reads.ts";
import type { ModelReading } from "./read-model.ts";
import type { SunspecFailure } from "./sunspec-map.ts";
import { placeOfPoint, referenceOf, type PointReference } from "./sunspec-models.ts";

/** Inverters whose answers may be frames of zeros. */
export const ZERO_FRAME_MODELS = [101, 102, 103, 111, 112, 113];

/** The battery's charge and discharge behind a hybrid inverter, both counted positive. */
export const HYBRID_MODULES: readonly PointReference[] = ["160:module[3].DCW", "160:module[4].DCW"].flatMap(
  (text) => referenceOf(text) ?? [],
);

/**
 * Power, voltage and frequency of an inverter at 0, all three as they are: no grid looks like that, and a device that sees
 * none has nothing to say.
 */
export function isZeroFrame(reading: ModelReading): boolean {
  if (!ZERO_FRAME_MODELS.includes(reading.model.id)) return false;
  return ["W", "PhVphA", "Hz"].every((name) => {
    const place = placeOfPoint(reading.model.id, name);
    const words = place === null ? null : reading.words(spanOf(place));
    return words !== null && words.every((word) => word === 0);
  });
}

/** Charge less discharge, W; missing where either is. */
export function hybridBatteryPower(answer: Result<ModelReading, SunspecFailure> | undefined): Measurement<number> {
  if (answer === undefined) return missing("not-provided");
  if (!answer.ok) return missing("device-silent");
  const [charge, discharge] = HYBRID_MODULES.map(({ place }) => answer.value.number(place));
  if (charge?.kind !== "value") return charge ?? missing("not-reported");
  if (discharge?.kind !== "value") return discharge ?? missing("not-reported");
  return measured(charge.value - discharge.value);
}
