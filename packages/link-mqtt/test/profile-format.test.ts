/** What a profile can say beyond one number in one message. */
import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { durationMs, formatProblem, measured, missing } from "@micromarket/kernel";
import { MqttDevice, profileSchemaText, readMessage, readProfile } from "@micromarket/link-mqtt";
import { createVirtualClock } from "@micromarket/testkit";
import { message, NOON } from "./message.ts";
import { profileOf, profileText } from "./profile-of.ts";

const PUBLISHED = new URL("../profiles/schema/profile.schema.json", import.meta.url);

test("the published schema is the one in use; UPDATE_SCHEMA=1 writes it anew", () => {
  if (process.env["UPDATE_SCHEMA"] === "1") writeFileSync(PUBLISHED, profileSchemaText());
  expect(JSON.parse(readFileSync(PUBLISHED, "utf8"))).toEqual(JSON.parse(profileSchemaText()));
});

/** A topic that tells whether something is on, at `path` of its JSON. */
const point = (name: string, more: string, unit = "W"): string =>
  `${name}: { ${more}, unit: "${unit}", sign: as-is, range: [-1000, 1000], max_age_s: 60 }`;
const topics = (...points: string[]): string =>
  `topics:\n${points.map((text, index) => `  - { topic: "{id}/${index}", payload: json, points: { ${text} } }\n`).join("")}`;

function problemsOf(text: string, params: Readonly<Record<string, string>> = {}): string {
  const profile = readProfile(profileText(text), "test.yaml", params);
  return profile.ok ? "" : profile.error.map(formatProblem).join("\n");
}

describe("words that stand for numbers", () => {
  const json = profileOf(topics(point("switch_state", "path: [s], map: { ON: 1, OFF: 0, true: 1, 5: 0 }", "1")));
  test.each([
    ['{"s":"ON"}', measured(1)],
    ['{"s":"OFF"}', measured(0)],
    ['{"s":true}', measured(1)],
    ['{"s":5}', measured(0)],
    ['{"s":"on"}', missing("out-of-range")],
    ['{"s":false}', missing("out-of-range")],
    ['{"s":"constructor"}', missing("out-of-range")],
    ['{"s":null}', missing("not-reported")],
    ['{"s":{}}', missing("not-a-number")],
    ["{}", missing("not-reported")],
  ])("%s", (payload, value) => {
    expect(readMessage(json, "a", message("a/0", payload), NOON)?.readings).toMatchObject([{ value }]);
  });

  test("a word alone", () => {
    const text = topics(point("switch_state", "map: { ON: 1 }", "1")).replace("payload: json", "payload: number");
    const values = ["ON", " ON\n", "OFF", ""].map((word) => {
      return readMessage(profileOf(text), "a", message("a/0", word), NOON)?.readings[0]?.value;
    });
    expect(values).toEqual([measured(1), measured(1), missing("out-of-range"), missing("not-reported")]);
  });
});

describe("a number, or a list of one for each channel", () => {
  const second = profileOf(topics(point("power_w", "path: [p], element: 1")));
  test.each([
    ['{"p":7}', measured(7)],
    ['{"p":[5,6]}', measured(6)],
    ['{"p":[5]}', missing("not-reported")],
    ['{"p":[5,null]}', missing("not-reported")],
    ['{"p":[5,"6"]}', missing("not-a-number")],
    ['{"p":[5,[6]]}', missing("not-a-number")],
  ])("%s", (payload, value) => {
    expect(readMessage(second, "a", message("a/0", payload), NOON)?.readings).toMatchObject([{ value }]);
  });

  test("an element of the payload itself", () => {
    const eleventh = profileOf(topics(point("power_w", "path: [11]")));
    const payload = JSON.stringify(Array.from({ length: 16 }, (_, index) => index * 10));
    expect(readMessage(eleventh, "a", message("a/0", payload), NOON)?.readings[0]?.value).toEqual(measured(110));
  });
});

describe("JSON pointers", () => {
  test.each([
    ["/a~1b/m~0n", { "a/b": { "m~n": 5 } }],
    ["/list/1", { list: [4, 5] }],
    ["/1", { 1: 5 }],
  ])("%s", (pointer, payload) => {
    const profile = profileOf(topics(point("power_w", `path: "${pointer}"`)));
    expect(readMessage(profile, "a", message("a/0", payload), NOON)?.readings[0]?.value).toEqual(measured(5));
  });

  test("that do not begin with a slash are refused", () => {
    expect(problemsOf(topics(point("power_w", "path: a/b")))).toContain("write a JSON pointer like /SML/Power_curr");
  });
});

describe("parameters", () => {
  const declared = `params:
  portal: { about: VRM portal ID }
  age: { about: seconds, type: integer, default: 30 }
  unit: { about: unit, default: W }
  imported: { about: pointer to the counter, optional: true }
`;
  const text = `${declared}availability: { topic: "{imported}/online", online: "1", offline: "0" }
topics:
  - topic: "N/{portal}/grid/{id}/Ac/Power"
    payload: json
    points:
      power_w: { path: [value], unit: "{unit}", sign: as-is, range: [0, 9], max_age_s: "{age}" }
      switch_state: { path: "{imported}", unit: "1", sign: as-is, range: [0, 1], max_age_s: 60 }
`;

  test("fill topics, units and numbers; what an optional one stands in is left out without it", () => {
    const without = readProfile(profileText(text), "t.yaml", { portal: "c0ffee", unit: "kW", age: "5" });
    expect(without).toMatchObject({
      ok: true,
      value: {
        availability: null,
        topics: [{ topic: "N/c0ffee/grid/{id}/Ac/Power", points: [{ point: "power_w", pow10: 3, maxAge: 5_000 }] }],
      },
    });
    const given = readProfile(profileText(text), "t.yaml", { portal: "c0ffee", imported: "/x/y" });
    expect(given).toMatchObject({
      ok: true,
      value: { availability: { topic: "/x/y/online" }, topics: [{ points: [{}, { path: ["x", "y"] }] }] },
    });
  });

  test.each([
    [{ portal: "a", age: "soon" }, 'parameter "age" is "soon" — write a whole number (PARAMETER_INVALID)'],
    [{ portal: "a", age: "0" }, '"max_age_s" is "0" — it must be >= 1'],
    [{ portal: "a", unit: "kWh" }, '"unit" is "kWh" — did you mean "kW"?'],
    [{ portal: "a/#" }, "none of { } + #"],
    [{ portal: "a", imported: "x" }, "write a JSON pointer like"],
  ])("%j", (params, expected) => {
    expect(problemsOf(text, params)).toContain(expected);
  });

  test("that leave nothing to read", () => {
    const only = `params: { p: { about: x, optional: true } }\n${topics(point("power_w", 'path: "{p}"'))}`;
    expect(problemsOf(only)).toContain("no topic and no point is left — give one of the optional parameters");
  });
});

describe("what is published only when it changes", () => {
  const profile = profileOf(`heartbeat: { topic: "{id}/up" }
availability: { topic: "{id}/here", path: [state], online: online, offline: offline }
topics:
  - { topic: "{id}/0", payload: number, on_change: true, points: { ${point("power_w", "pow10: 0")} } }
  - { topic: "{id}/1", payload: number, points: { ${point("power_l1_w", "pow10: 0")} } }
`);
  function deviceAtNoon() {
    const clock = createVirtualClock(NOON);
    const device = new MqttDevice(profile, "a", clock.now);
    const wait = (seconds: number): void => {
      clock.advance(durationMs(seconds * 1_000));
    };
    return { device, wait, values: () => device.readings().readings.map(({ value }) => value) };
  }

  test("holds as long as the device shows that it lives", () => {
    const { device, wait, values } = deviceAtNoon();
    device.accept(message("a/0", "5"));
    for (let minute = 0; minute < 10; minute++) {
      wait(60);
      expect(device.accept(message("a/up", "whatever"))).toBe(true);
    }
    expect(values()).toEqual([measured(5), missing("device-silent")]);
    wait(60.001);
    expect(values()[0]).toEqual(missing("stale"));
    device.accept(message("a/1", "6"));
    expect(values()).toEqual([measured(5), measured(6)]);
  });

  test("counts from the broker's store once the device itself was heard, and not before", () => {
    const { device, values } = deviceAtNoon();
    device.accept(message("a/0", "5", true));
    device.accept(message("a/1", "5", true));
    device.accept(message("a/here", { state: "online" }, true));
    device.accept(message("a/up", "1", true));
    expect(values()).toEqual([missing("stale"), missing("stale")]);
    device.accept(message("a/up", "1"));
    expect(values()).toEqual([measured(5), missing("stale")]);
  });

  test("is gone with the device", () => {
    const { device, values } = deviceAtNoon();
    device.accept(message("a/0", "5"));
    device.accept(message("a/here", { state: "offline" }));
    device.accept(message("a/up", "1"));
    expect(values()[0]).toEqual(missing("device-silent"));
    expect(device.accept(message("a/here", { state: "perhaps" }))).toBe(false);
    expect(device.topics()).toEqual(["a/0", "a/1", "a/here", "a/up"]);
  });
});

test("two devices of one profile differ by their parameters where no topic holds {id}", () => {
  const text = `params: { topic: { about: topic } }
topics:
  - { topic: "{topic}", payload: number, points: { ${point("power_w", "pow10: 0")} } }
`;
  const [roof, cellar] = ["home/roof", "home/cellar"].map((topic) => {
    const profile = readProfile(profileText(text), "t.yaml", { topic });
    if (!profile.ok) throw new Error(formatProblem(profile.error[0] as never));
    return new MqttDevice(profile.value, "any", () => NOON);
  }) as [MqttDevice, MqttDevice];
  expect(roof.accept(message("home/cellar", "5"))).toBe(false);
  expect(cellar.accept(message("home/cellar", "5"))).toBe(true);
});
