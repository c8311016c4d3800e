/** Which meters a gateway file may settle by, and what it must say of them. */
import { describe, expect, test } from "@jest/globals";
import { loadGatewayFile } from "../src/gateway-file.ts";
import { counterVerdicts } from "../src/counter-verdict.ts";
import { GATEWAY, gatewayFile } from "./gateway-text.ts";

const SHELLY = 'mqtt: { broker: "mqtt://127.0.0.1:1883", id: shellypro3em-2, profile: shelly-pro-3em }';

/** The street with another meter at its second home. */
function read(params: string, more = "", rest: (text: string) => string = (text) => text) {
  const mqtt = `broker: "mqtt://127.0.0.1:1883", id: meter, profile: generic-json-meter`;
  const json = `${more}mqtt: { ${mqtt}, params: { max_age_s: "60", step_wh: "1", ${params} } }`;
  expect(GATEWAY).toContain(SHELLY);
  return loadGatewayFile(gatewayFile(rest(GATEWAY.replace(SHELLY, json))));
}

const refused = (more: object) => ({
  ok: false,
  error: [expect.objectContaining({ code: "COUNTER_MISSING", ...more })],
});
const NEVER = "exports: never\n    ";
const asPlant = (text: string): string =>
  text
    .replace("meter: grid-1, pv: pv-1 }", "meter: grid-1, pv: pv-1 }")
    .replace("meter: grid-2,", "meter: pv-1, pv: grid-2,")
    .replace(", pv: pv-1 }", " }");

describe("a meter that counts import alone", () => {
  const imported = 'imported: "/imported", power: "/power"';

  test("is refused with what to write, and taken where the file says that nothing is exported", () => {
    expect(read(imported)).toMatchObject(
      refused({
        what: 'the profile of "grid-2" has no exported_wh, which delivered energy is counted by',
        mend: expect.stringMatching(
          /where nothing behind it can export, write "exports: never" in the entry of "grid-2"/,
        ),
      }),
    );
    const stated = read(imported, NEVER);
    expect(stated).toMatchObject({ ok: true, value: { devices: [{}, {}, { id: "grid-2", neverExports: true }] } });
    if (!stated.ok) return;
    expect(counterVerdicts(stated.value)).toContainEqual({
      ...{ device: "grid-2", kind: "counted", what: expect.any(String) },
      caveats: ["it is said that nothing behind it exports (exports: never)"],
    });
    expect(read(imported, "exports: counted\n    ")).toMatchObject({ ok: false });
    expect(read(imported, "exports: no\n    ")).toMatchObject({ ok: false, error: [{ code: expect.any(String) }] });
  });

  test("is no plant's, whatever is said of it", () => {
    for (const more of ["", NEVER]) {
      const mend =
        'to have it estimated by its power, write "energy: by-power" in the entry of "grid-2"; or use a device';
      expect(read(imported, more, asPlant)).toMatchObject(refused({ mend: expect.stringContaining(mend) }));
    }
  });
});

test("a meter that counts export alone is refused, whatever is said of it", () => {
  for (const more of ["", NEVER]) {
    expect(read('exported: "/exported"', more)).toMatchObject(
      refused({ what: expect.stringContaining("no imported_wh"), mend: "use a device whose profile has it" }),
    );
  }
});

describe("a meter whose one counter turns back", () => {
  test("settles, and says how", () => {
    const read_ = read('net: "/net", power: "/power"');
    expect(read_).toMatchObject({ ok: true });
    if (!read_.ok) return;
    expect(counterVerdicts(read_.value)).toContainEqual({
      ...{ device: "grid-2", kind: "counted", what: expect.any(String) },
      caveats: [expect.stringContaining("one counter that turns back: what flows both ways within a slot is netted")],
    });
    expect(read('net: "/net"', "", asPlant)).toMatchObject({ ok: true });
  });

  test("is refused where it steps too coarsely, with power or without", () => {
    for (const power of ["", ', power: "/power"']) {
      const coarse = (text: string): string => text.replace('step_wh: "1"', 'step_wh: "100"');
      expect(read(`net: "/net"${power}`, "", coarse)).toMatchObject({
        ok: false,
        error: [{ code: "COUNTER_TOO_COARSE", what: expect.stringContaining("is not read between its steps") }],
      });
    }
  });
});

describe("a meter that says its power alone", () => {
  const BY_POWER = "energy: by-power\n    ";

  test("is refused with what to write, and estimated where the file wants it", () => {
    expect(read('power: "/power"')).toMatchObject(
      refused({
        mend: 'to have it estimated by its power, write "energy: by-power" in the entry of "grid-2"; or use a device whose profile has it',
      }),
    );
    const wanted = read('power: "/power"', BY_POWER);
    expect(wanted).toMatchObject({ ok: true, value: { devices: [{}, {}, { isByPower: true, poll: 10_000 }] } });
    if (!wanted.ok) return;
    expect(counterVerdicts(wanted.value)).toContainEqual({
      ...{ device: "grid-2", kind: "estimated", caveats: [] },
      what: expect.stringContaining(
        "a slot is a gap where that is more than 50 Wh, or samples lie more than 60 s apart",
      ),
    });
    expect(read('power: "/power"', BY_POWER, asPlant)).toMatchObject({ ok: true });
  });

  test("is asked often enough, also on a fast clock", () => {
    expect(read('power: "/power"', `${BY_POWER}poll: 40s\n    `)).toMatchObject({ ok: true });
    expect(read('power: "/power"', `${BY_POWER}poll: 41s\n    `)).toMatchObject({
      ok: false,
      error: [{ code: "POLL_UNFIT", what: expect.stringContaining("energy: by-power"), mend: "write 40s or less" }],
    });
    const fast = (text: string): string =>
      text
        .replace("clock: { trust: unchecked }", 'clock: { accelerated: 90, epoch: "2026-06-01T12:00Z" }')
        .replace("    poll: 1s\n", "");
    expect(read('power: "/power"', BY_POWER, fast)).toMatchObject({
      ok: true,
      value: { devices: [{}, {}, { poll: 222 }] },
    });
  });

  test("is chosen over its counters where the file says so", () => {
    const chosen = read('imported: "/i", exported: "/e", power: "/power"', BY_POWER);
    expect(chosen).toMatchObject({ ok: true });
    if (chosen.ok)
      expect(counterVerdicts(chosen.value).find(({ device }) => device === "grid-2")?.kind).toBe("estimated");
  });

  test("needs power, and nobody's word on export", () => {
    expect(read('imported: "/i", exported: "/e"', BY_POWER)).toMatchObject({
      ok: false,
      error: [{ code: "POWER_MISSING", what: 'the profile of "grid-2" has no power_w to add up (energy: by-power)' }],
    });
    expect(read('power: "/power"', `${BY_POWER}${NEVER}`)).toMatchObject({
      ok: false,
      error: [{ code: "KEY_MISPLACED", mend: "take exports: never out" }],
    });
  });
});
