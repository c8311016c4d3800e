/** The broker that is told the microgrid's own values. */
import { complain } from "@micromarket/data-files";
import { isTopicName } from "@micromarket/link-mqtt";
import type { GatewayReading } from "./clock-section.ts";
import { checkBroker } from "./device-section.ts";
import type { PublishConfig } from "./gateway-config.ts";
import { readSecret } from "./http-section.ts";
import { readTls } from "./link-section.ts";

const SITE = /^[A-Za-z0-9_-]{1,64}$/;

/** Reads `publish`; `null` where there is none, or it is wrong. */
export function readPublish(reading: GatewayReading): PublishConfig | null {
  const entry = reading.file.publish;
  if (entry === undefined) return null;
  const { broker, username = null, password, site, homeAssistant = null } = entry;
  const isBroker = checkBroker(reading, ["publish", "broker"], broker);
  if (!SITE.test(site)) {
    const complaint = { what: `"${site}" cannot stand in topics`, mend: "use 1 to 64 letters, digits, _ and -" };
    complain(reading, ["publish", "site"], { code: "SITE_INVALID", ...complaint });
  }
  if (homeAssistant !== null && !isTopicName(homeAssistant)) {
    const complaint = {
      what: `"${homeAssistant}" is no topic`,
      mend: "write homeassistant, or a topic without + and #",
    };
    complain(reading, ["publish", "homeAssistant"], { code: "TOPIC_INVALID", ...complaint });
  }
  if (entry.tls !== undefined && isBroker && !broker.startsWith("mqtts:")) {
    const complaint = { what: "the broker's URL asks for no TLS", mend: "write mqtts://, or take tls out" };
    complain(reading, ["publish", "tls"], { code: "TLS_UNFIT", ...complaint });
  }
  const secret = password === undefined ? null : readSecret(reading, ["publish", "password"], password);
  const tls = entry.tls === undefined ? null : readTls(reading, ["publish", "tls"], entry.tls);
  return { broker, username, password: secret, tls, site, homeAssistant };
}
