/** The broker that is told the microgrid's own values. */
import { complain } from "@micromarket/data-files";
import { compareText, suggest } from "@micromarket/kernel";
import { isTopicLabel, isTopicName } from "@micromarket/link-mqtt";
import type { GatewayReading } from "./clock-section.ts";
import { checkBroker } from "./device-section.ts";
import type { PublishConfig } from "./gateway-config.ts";
import { readSecret } from "./http-section.ts";
import { readTls } from "./link-section.ts";

/** Reads `publish`; `null` where there is none, or it is wrong. */
export function readPublish(reading: GatewayReading): PublishConfig | null {
  const entry = reading.file.publish;
  if (entry === undefined) return null;
  const { broker, username = null, password, site, homeAssistant = null, homes = [] } = entry;
  const isBroker = checkBroker(reading, ["publish", "broker"], broker);
  if (!isTopicLabel(site)) {
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
  checkHomes(reading, homes);
  const secret = password === undefined ? null : readSecret(reading, ["publish", "password"], password);
  const tls = entry.tls === undefined ? null : readTls(reading, ["publish", "tls"], entry.tls);
  return { broker, username, password: secret, tls, site, homeAssistant, homes };
}

/** Each must be a home of the file, and its name must be fit for topics. */
function checkHomes(reading: GatewayReading, homes: readonly string[]): void {
  const known = reading.file.homes.map(({ id }) => id);
  for (const [index, home] of homes.entries()) {
    const path = ["publish", "homes", index];
    if (!known.includes(home)) {
      const mend = suggest(home, [...known].sort(compareText));
      complain(reading, path, { code: "HOME_UNKNOWN", what: `there is no home "${home}"`, mend });
    } else if (!isTopicLabel(home)) {
      const what = `"${home}" cannot stand in topics`;
      complain(reading, path, {
        code: "HOME_INVALID",
        what,
        mend: "take it out, or name it by letters, digits, _ and -",
      });
    }
  }
}
