import { describe, expect, test } from "@jest/globals";
import { loadGatewayFile } from "../src/gateway-file.ts";
import { GATEWAY, gatewayFile } from "./gateway-text.ts";

describe("where the microgrid's sums are published", () => {
  const PUBLISH = 'publish: { broker: "mqtt://127.0.0.1:1883", site: street-1, homeAssistant: homeassistant }\n';
  const readPublished = (from = "", to = "") =>
    loadGatewayFile(gatewayFile(GATEWAY + PUBLISH.replace(from, to)), { env: { BROKER_PASSWORD: "hunter2" } });

  test("nowhere by default; else a broker, a name in the topics, and Home Assistant where it is asked for", () => {
    expect(loadGatewayFile(gatewayFile(GATEWAY))).toMatchObject({ ok: true, value: { publish: null } });
    const open = { broker: "mqtt://127.0.0.1:1883", username: null, password: null, tls: null, site: "street-1" };
    expect(readPublished()).toMatchObject({ value: { publish: { ...open, homeAssistant: "homeassistant" } } });
    expect(readPublished(", homeAssistant: homeassistant", "")).toMatchObject({
      value: { publish: { ...open, homeAssistant: null } },
    });
    expect(readPublished()).toMatchObject({ value: { publish: { homes: [] } } });
    expect(readPublished("site:", "homes: [home-2], site:")).toMatchObject({
      value: { publish: { homes: ["home-2"] } },
    });
    expect(readPublished("site:", 'username: me, password: "${env:BROKER_PASSWORD}", site:')).toMatchObject({
      value: { publish: { username: "me", password: "hunter2" } },
    });
  });

  test.each([
    ["street-1", '"street/1"', "SITE_INVALID"],
    ["street-1", `${"a".repeat(65)}`, "SITE_INVALID"],
    ["homeAssistant: homeassistant", 'homeAssistant: "home/#"', "TOPIC_INVALID"],
    ["mqtt://127", "http://127", "URL_INVALID"],
    ["mqtt://127", "mqtt://me:hunter2@127", "SECRET_INLINE"],
    ["site:", "password: hunter2, site:", "SECRET_INLINE"],
    ["site:", 'password: "${env:NONE}", site:', "SECRET_MISSING"],
    ["site:", "tls: { ca: a.pem, certificate: b.pem, key: c.key }, site:", "TLS_UNFIT"],
    [
      'mqtt://127.0.0.1:1883", site:',
      'mqtts://h", tls: { ca: a.pem, certificate: b.pem, key: c.key }, site:',
      "PEM_UNREADABLE",
    ],
    ["site:", "house: true, site:", "UNKNOWN_KEY"],
    ["site:", "homes: [home-9], site:", "HOME_UNKNOWN"],
    ["site:", "homes: [home-1, home-1], site:", "VALUE_OUT_OF_RANGE"],
  ])("%s → %s: %s", (from, to, code) => {
    expect(PUBLISH).toContain(from);
    const found = readPublished(from, to);
    expect(found).toMatchObject({ ok: false, error: expect.arrayContaining([expect.objectContaining({ code })]) });
    expect(JSON.stringify(found)).not.toContain("hunter2");
  });

  test("a home whose name is no part of a topic is not published, and nobody is named by halves", () => {
    const file = (GATEWAY + PUBLISH.replace("site:", 'homes: ["home 2", home-1], site:')).replaceAll(
      "home-2",
      "home 2",
    );
    expect(loadGatewayFile(gatewayFile(file))).toMatchObject({
      error: [{ code: "HOME_INVALID", what: '"home 2" cannot stand in topics' }],
    });
  });
});
