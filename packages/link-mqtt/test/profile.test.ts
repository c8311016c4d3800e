import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { formatProblem } from "@micromarket/kernel";
import { loadProfile, profileNames, readProfile } from "@micromarket/link-mqtt";
import { profileNamed } from "./message.ts";
import { JSON_POWER, NUMBER_POWER, profileText } from "./profile-of.ts";

function problemsOf(text: string, params: Readonly<Record<string, string>> = {}): string[] {
  const profile = readProfile(text, "test.yaml", params);
  return profile.ok ? [] : profile.error.map(formatProblem);
}

const good = profileText(JSON_POWER);

describe("profiles by name", () => {
  const GENERIC = { power: "/p", imported: "/i", exported: "/e", availability: "up", max_age_s: "60" };
  const SWITCH = { command: "plug/set", power: "/p", energy: "/e", availability: "up", max_age_s: "60" };
  const named = (name: string) => {
    const isSwitch = name.endsWith("-switch");
    return profileNamed(name, name.startsWith("generic") ? (isSwitch ? SWITCH : GENERIC) : {});
  };

  test("all that come along are sound, tell their sources and what their counters count", () => {
    expect(profileNames()).toEqual([
      "generic-json-meter",
      "generic-json-switch",
      "generic-number",
      "generic-switch",
      "go-e",
      "openwb-chargepoint",
      "shelly-pro-3em",
      "tasmota-plug",
      "tasmota-sml",
      "victron-gx-battery",
      "victron-gx-grid",
      "zigbee2mqtt-meter",
      "zigbee2mqtt-plug",
    ]);
    for (const profile of profileNames().map(named)) {
      if (profile.verified === "facts") expect(profile.sources.length).toBeGreaterThan(1);
      expect(profile.requirements.length).toBeGreaterThan(0);
      expect(profile.caveats.length).toBeGreaterThan(0);
      const points = profile.topics.flatMap(({ points: some }) => some);
      for (const { point, counter } of points) expect(counter === null).toBe(!/(?:im|ex)ported_wh/.test(point));
    }
  });

  test("what can be told to which device", () => {
    const controls = profileNames().map((name) => [name, [...named(name).controls.keys()]] as const);
    expect(Object.fromEntries(controls.filter(([, some]) => some.length > 0))).toEqual({
      "generic-json-switch": ["switch"],
      "generic-switch": ["switch"],
      "go-e": ["evse_current_ma", "evse_enable", "evse_phases"],
      "tasmota-plug": ["switch"],
      "victron-gx-battery": ["setpoint_power_w"],
      "zigbee2mqtt-plug": ["switch"],
    });
  });

  test("an unknown name is told with those that there are", () => {
    const profile = loadProfile("../../etc/passwd");
    expect(profile.ok ? [] : profile.error[0]?.mend).toContain("use one of: generic-json-meter, generic-json-switch");
  });

  test("a folder of the user's; the name in the file must be the file's", () => {
    const folder = mkdtempSync(join(tmpdir(), "profiles-"));
    try {
      writeFileSync(join(folder, "test.yaml"), good);
      writeFileSync(join(folder, "other.yaml"), good);
      expect(loadProfile("test", { folder })).toMatchObject({ ok: true, value: { name: "test" } });
      expect(loadProfile("other", { folder })).toMatchObject({ ok: false, error: [{ mend: "give both one name" }] });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("what is wrong with a profile, where, and how to mend it", () => {
  test("nothing is wrong with these", () => {
    expect(problemsOf(good)).toEqual([]);
    expect(problemsOf(profileText(NUMBER_POWER))).toEqual([]);
  });

  test.each([
    ["vendor: Nobody", "vendr: Nobody", 'test.yaml:5:1: unknown key "vendr" — did you mean "vendor"? (UNKNOWN_KEY)'],
    [
      "vendor: Nobody\n",
      "",
      'test.yaml:1:1: key "vendor" is missing — add vendor: Eastron (Who makes it) (KEY_MISSING)',
    ],
    ["kind: meter", "kind: toaster", 'test.yaml:4:7: "kind" is "toaster" — use one of: meter, inverter, battery'],
    ["unit: W", "unit: kWh", 'test.yaml:15:43: "unit" is "kWh" — did you mean "kW"? (VALUE_UNKNOWN)'],
    ["range: [-1000000, 1000000]", "range: [1, 0]", "the range ends before it begins — swap its ends"],
    ["range: [-1000000, 1000000]", "range: [0.5, 1]", '"range[0]" is "0.5" — write a whole number'],
    ["max_age_s: 60", "max_age_s: 0", '"max_age_s" is "0" — it must be >= 1'],
    ["path: [p], ", "", "power_w has no path — add path"],
    [
      '"{id}/p"',
      '"{id}/{id}"',
      '"{id}/{id}" is no topic of a profile — write a topic without wildcards and with {id} at most once',
    ],
    ['"{id}/p"', '"{id}/#"', "is no topic of a profile"],
    ['"{id}/p"', '"{id}/{meter}"', "is no topic of a profile"],
    ["path: [p]", 'path: ["{meter}"]', 'test.yaml:15:32: "{meter}" names no parameter — declare it under params'],
    ["power_w:", "imported_wh:", 'key "counter" is missing — add counter: { resolution_wh'],
    ["power_w:", "power:", 'test.yaml:15:15: unknown key "power" — use one of: power_w, power_l1_w'],
    ["payload: json", "payload: xml", "use one of: json, number"],
    ["payload: json", "payload: number", "power_w has a path, but the payload is a number — delete the path"],
    ["schema: 1", "schema: 2", '"schema" is "2" — use one of: 1'],
    ["sources: [{", "sources: [{{", "correct the YAML at this place"],
    ["models: [Test]", "models: &a [*a]", '"models[0]" is a list — write A model such as SDM630-Modbus V2'],
    ["requirements: []", "requirements: []\nrequirements: []", "test.yaml:10:1: this key stands twice in one mapping"],
  ])("%j as %j", (from, to, expected) => {
    const broken = good.replace(from, to);
    expect(broken).not.toBe(good);
    expect(problemsOf(broken).join("\n")).toContain(expected);
  });

  test("one topic or one point twice", () => {
    const twice = profileText(`${JSON_POWER}${JSON_POWER.replace("topics:\n", "")}`);
    expect(problemsOf(twice).join("\n")).toContain('"{id}/p" stands twice — put all its points under one entry');
    expect(problemsOf(twice).join("\n")).toContain("power_w is read from two topics — choose one of them");
  });

  test("a file without end, and one without anything", () => {
    expect(problemsOf("#".repeat(200_000))[0]).toContain('"the file" is empty');
    expect(problemsOf("")[0]).toContain('"the file" is empty');
    expect(problemsOf("[".repeat(50_000))[0]).toContain("test.yaml:1:");
  });
});

describe("parameters", () => {
  const params = "params:\n  meter: { about: group name }\n  name: { about: value name, default: p }\n";
  const text = profileText(`${params}${JSON_POWER.replace("path: [p]", 'path: ["{meter}", "{name}"]')}`);

  test("fill paths; what is given goes before what is usual", () => {
    const path = (given: Readonly<Record<string, string>>) => {
      const profile = readProfile(text, "test.yaml", given);
      return profile.ok ? profile.value.topics[0]?.points[0]?.path : profile.error;
    };
    expect(path({ meter: "SML" })).toEqual(["SML", "p"]);
    expect(path({ meter: "a b", name: "1.8.0" })).toEqual(["a b", "1.8.0"]);
  });

  test("must have a value, a known name, and no braces", () => {
    expect(problemsOf(text)).toEqual([
      'test.yaml:12:3: parameter "meter" has no value — give it: group name (PARAMETER_MISSING)',
    ]);
    expect(problemsOf(text, { meter: "{name}" })[0]).toContain("use 1 to 200 characters, none of { } + #");
    expect(problemsOf(text, { meter: "a", metre: "b" })[0]).toContain("give only: meter, name");
    expect(problemsOf(text, { meter: "a", toString: "b" })[0]).toContain('no parameter "toString"');
  });
});
