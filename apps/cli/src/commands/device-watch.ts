/** `micromarket device watch`: what a device says, again and again, and what changes. */
import type { PointName, Reading } from "@micromarket/assets";
import type { DeviceHandle } from "@micromarket/gateway";
import { formatInstant, instantMs } from "@micromarket/kernel";
import type { ConsolePort } from "../console-port.ts";
import { changesSince, changeText, type Change } from "../device/changes.ts";
import { pause } from "../device/pause.ts";
import { readingRecord, table, valueText } from "../device/readings-text.ts";
import { reportSilence, SECOND_MS, withDevice, type DeviceOptions } from "../device/with-device.ts";
import { EXIT_CODE, type ExitCode } from "../exit-code.ts";
import { watchStopSignals } from "../stop-signals.ts";

/** Options of `micromarket device watch`. Milliseconds. */
export interface DeviceWatchOptions extends DeviceOptions {
  readonly every: number;
  readonly for?: number;
}

/** Until Ctrl-C or for so long; exit 1 where the device never gave anything. */
export function deviceWatch(name: string | null, options: DeviceWatchOptions, port: ConsolePort): Promise<ExitCode> {
  const { json = false, every, for: length = Number.POSITIVE_INFINITY } = options;
  return withDevice(name, options, port, async (handle) => {
    const signals = watchStopSignals();
    try {
      const show = json ? showRecords : port.interactive ? redrawTable() : showLines;
      const last = new Map<PointName, Reading>();
      let isHeard = false;
      await handle.heard(Math.min(length, options.timeout * SECOND_MS));
      for (const end = performance.now() + length; ;) {
        const { readings } = await handle.read();
        isHeard ||= readings.some(({ value }) => value.kind === "value");
        show(handle, changesSince(last, readings), port);
        for (const reading of readings) last.set(reading.point, reading);
        if (signals.requests > 0 || performance.now() + every > end) break;
        await pause(every, signals);
        if (signals.requests > 0) break;
      }
      return isHeard ? EXIT_CODE.ok : reportSilence(handle, json, port);
    } finally {
      signals.close();
    }
  });
}

type Show = (handle: DeviceHandle, changes: readonly Change[], port: ConsolePort) => void;

/** One object a look, with what changed and all there is. */
const showRecords: Show = (handle, changes, port) => {
  const readings = changes.map(({ reading, by, meanW }) => ({ ...readingRecord(reading), by, meanW }));
  port.out(`${JSON.stringify({ device: handle.device, readings, trouble: handle.trouble() })}\n`);
};

/** Only what is new. */
const showLines: Show = (handle, changes, port) => {
  for (const change of changes) {
    if (!change.isNew) continue;
    const { reading } = change;
    const words = [formatInstant(reading.at), handle.device, reading.point, valueText(reading), changeText(change)];
    port.out(`${words.join("  ").trimEnd()}\n`);
  }
};

/** Everything, over what was there before. */
function redrawTable(): Show {
  let height = 0;
  return (handle, changes, port) => {
    const at = changes[0]?.reading.at ?? instantMs(0);
    const head = `${handle.device} at ${handle.place}, ${formatInstant(at)}; Ctrl-C ends`;
    const rows = changes.map((change) => [`  ${change.reading.point}`, valueText(change.reading), changeText(change)]);
    const text = `${head}\n${table(rows)}`;
    const up = height === 0 ? "" : `\u001b[${height}A\u001b[J`;
    height = text.split("\n").length - 1;
    port.out(`${up}${text}`);
  };
}
