/** The last word of every device, for as long as it counts in real time. */
import type { DeviceReadings, PointName, Reading } from "@micromarket/assets";
import { missing, type Measurement } from "@micromarket/kernel";

interface Heard {
  readonly readings: ReadonlyMap<PointName, Reading>;
  readonly atMs: number;
}

export class DeviceBoard {
  readonly #heard = new Map<string, Heard>();
  readonly #maxAgeMs: (device: string) => number;
  readonly #elapsedMs: () => number;

  /** @param maxAgeMs how long a device's word counts; what its profile says of single points comes on top */
  constructor(elapsedMs: () => number, maxAgeMs: (device: string) => number) {
    this.#elapsedMs = elapsedMs;
    this.#maxAgeMs = maxAgeMs;
  }

  note({ device, readings }: DeviceReadings): void {
    this.#heard.set(device, {
      readings: new Map(readings.map((reading) => [reading.point, reading])),
      atMs: this.#elapsedMs(),
    });
  }

  /** Whether the device was ever asked with an answer, be it none. */
  hasHeard(device: string): boolean {
    return this.#heard.has(device);
  }

  /** The value of a point, in the unit of its name. */
  valueOf(device: string, point: PointName): Measurement<number> {
    const heard = this.#heard.get(device);
    if (heard === undefined) return missing("device-silent");
    if (this.#elapsedMs() - heard.atMs > this.#maxAgeMs(device)) return missing("stale");
    return heard.readings.get(point)?.value ?? missing("not-reported");
  }

  /** The same, or `null`. */
  numberOf(device: string, point: PointName): number | null {
    const value = this.valueOf(device, point);
    return value.kind === "value" ? value.value : null;
  }
}
