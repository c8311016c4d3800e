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
      expect(read(imported, more, asPlant)).toMatchObject(refused({ mend: "use a device whose profile has it" }));
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
