/** A battery of the gateway file as the model that its agent reckons with. */
import type { BatterySpec } from "@micromarket/assets";
import { partsPerMillion } from "@micromarket/kernel";
import type { BatteryConfig } from "../gateway-config.ts";

/** What it stands still loses is not known and counts as nothing. */
export function batterySpec({
  capacity,
  charge,
  discharge,
  efficiency,
  reserve,
  cycleCost,
}: BatteryConfig): BatterySpec {
  return {
    ...{ capacity, chargeMax: charge, dischargeMax: discharge, reserve, cycleCost },
    chargeEfficiency: efficiency,
    dischargeEfficiency: efficiency,
    selfDischargePerDay: partsPerMillion(0),
  };
}
