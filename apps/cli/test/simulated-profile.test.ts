import { expect, test } from "@jest/globals";
import { assert } from "@micromarket/kernel";
import { loadSunspecProfile, readSunspecProfile } from "@micromarket/link-modbus";
import { loadProfile, readProfile } from "@micromarket/link-mqtt";
import { simulatedProfiles } from "../src/demo/simulated-profile.ts";

const textOf = (profile: string, speed: number): string =>
  simulatedProfiles(speed).find((file) => file.profile === profile)?.text ?? "";

test.each([1, 7, 180, 360])(
  "a charger's profile for a clock of %d: its day is as much shorter, all else is the shipped one",
  (speed) => {
    const [shipped, read] = [loadProfile("go-e"), readProfile(textOf("go-e", speed), "go-e-simulated.yaml")];
    assert(shipped.ok && read.ok, "both are profiles");
    const { controls, ...rest } = read.value;
    const { controls: before, ...shippedRest } = shipped.value;
    expect(rest).toEqual(shippedRest);
    expect([...controls.keys()]).toEqual([...before.keys()]);
    for (const [capability, { rules }] of controls) {
      const shippedRules = before.get(capability)?.rules;
      assert(shippedRules !== undefined && shippedRules.writesPerDayMax !== null, "a charger's writes are counted");
      expect(rules).toEqual({
        ...shippedRules,
        minIntervalMs: 1_000 * Math.floor(shippedRules.minIntervalMs / 1_000 / speed),
        writesPerDayMax: shippedRules.writesPerDayMax * speed,
      });
    }
  },
);

test.each(["sunspec-storage", "sunspec-inverter"])("%s: when it lets go by itself stays real time", (name) => {
  const read = readSunspecProfile(textOf(name, 180), "x.yaml");
  const shipped = loadSunspecProfile(name);
  assert(read.ok && shipped !== null, "both are profiles");
  for (const [capability, rules] of read.value.controls) {
    const { reversion, verify, minIntervalMs = NaN } = shipped.controls.get(capability) ?? {};
    expect(rules).toMatchObject({ reversion, verify, minIntervalMs: 1_000 * Math.floor(minIntervalMs / 1_000 / 180) });
  }
});
