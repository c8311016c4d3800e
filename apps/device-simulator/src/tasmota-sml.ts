/**
 * What a Tasmota reading head on a utility-style meter publishes: the OBIS counters 1.8.0 and 2.8.0 in kWh and the power
 * 16.7.0 in watts, negative where energy flows out.
 *
 * Source: Tasmota documentation, smart meter interface and MQTT telemetry.
 */
import type { InstantMs } from "@micromarket/kernel";
import type { Displayed } from "./display.ts";

const WH_PER_KWH = 1_000;

/** The payload of `tele/<topic>/SENSOR`. `Time` has no zone in Tasmota; here it is UTC. */
export function tasmotaSensor({ importedWh, exportedWh, powerW }: Displayed, at: InstantMs): string {
  return JSON.stringify({
    Time: new Date(at).toISOString().slice(0, "2026-06-01T12:00:00".length),
    SML: { Total_in: importedWh / WH_PER_KWH, Total_out: exportedWh / WH_PER_KWH, Power_curr: powerW },
  });
}
