/**
 * Profiles for simulated devices under a clock that runs fast: what spares a real device's memory counts there as often as
 * market time goes by. How long a device takes, and when it lets go by itself, stays: that is real time in the simulator, too.
 */
import { sunspecProfileText } from "@micromarket/link-modbus";
import { profileText } from "@micromarket/link-mqtt";

/** A profile's file, and its text. */
export interface ProfileFile {
  /** The shipped profile that it stands for. */
  readonly profile: string;
  readonly name: string;
  readonly text: string;
}

const SHIPPED: Readonly<Record<string, (name: string) => string>> = {
  "go-e": profileText,
  "sunspec-storage": sunspecProfileText,
  "sunspec-inverter": sunspecProfileText,
};

/** The files for a clock that runs `speed` times as fast as real time. */
export function simulatedProfiles(speed: number): readonly ProfileFile[] {
  const seconds = (text: string): number => Math.floor(Number(text) / speed);
  const writes = (text: string): number => Math.ceil(Number(text) * speed);
  return Object.entries(SHIPPED).map(([profile, textOf]) => ({
    profile,
    name: `${profile}-simulated.yaml`,
    text: [
      `# For simulated devices alone: ${profile} as it is shipped, for a clock that runs ${speed} times as fast as real time.`,
      textOf(profile)
        .replace(/^# yaml-language-server:.*\n/, "")
        .replaceAll(/(min_interval_s: )(\d+)/g, (_, key: string, text: string) => `${key}${seconds(text)}`)
        .replaceAll(/(writes_per_day_max: )(\d+)/g, (_, key: string, text: string) => `${key}${writes(text)}`),
    ].join("\n"),
  }));
}
