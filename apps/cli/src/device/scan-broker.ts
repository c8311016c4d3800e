/**
 * Listens at a broker for devices that speak as the shipped profiles say.
 *
 * Invariants: nothing is published; memory is bounded. A device that speaks only when it is asked, as Victron's, is heard
 * only where somebody else asks it.
 */
import { machineTime } from "@micromarket/gateway";
import {
  bootClientId,
  isTopicFilter,
  loadProfile,
  MqttDevice,
  MqttLink,
  profileNames,
  type DeviceProfile,
  type MqttLinkOptions,
  type MqttMessage,
} from "@micromarket/link-mqtt";
import { fail, ok, type InputProblem, type Result } from "@micromarket/kernel";
import { ranked, type EntryFields, type Finding, type Fit } from "./finding.ts";
import { wrongWords } from "./find-device.ts";

/** A broker, and how it is listened to. */
export interface BrokerScan {
  readonly url: string;
  readonly credentials: Pick<MqttLinkOptions, "username" | "password" | "tls">;
  /** What a gateway file would say of it. */
  readonly entry: EntryFields;
  /** Settles when enough was heard. */
  readonly listen: (heard: () => number) => Promise<void>;
}

const IDS_MAX = 1_000;

/** A profile with a place for a device's name in its topics. */
interface Ear {
  readonly profile: DeviceProfile;
  readonly filters: readonly string[];
  readonly patterns: readonly RegExp[];
}

/** What was heard; a problem where there is no such broker. */
export async function scanBroker(scan: BrokerScan): Promise<Result<readonly Finding[], InputProblem>> {
  const ears = profileNames().flatMap((name) => {
    const profile = loadProfile(name); // those that need parameters are left out: nobody knows them here
    return profile.ok ? [earOf(profile.value)] : [];
  });
  const devices = new Map<string, MqttDevice>();
  const hear = (message: MqttMessage): void => {
    for (const { profile, patterns } of ears) {
      const id = patterns.map((pattern) => pattern.exec(message.topic)?.[1]).find((each) => each !== undefined);
      if (id === undefined) continue;
      const key = JSON.stringify([profile.name, id]);
      const device = devices.get(key) ?? new MqttDevice(profile, id, () => machineTime.wallNow());
      if (devices.size < IDS_MAX) devices.set(key, device);
      device.accept(message);
    }
  };
  const subscriptions = [...new Set(ears.flatMap(({ filters }) => filters))].map((filter) => ({
    filter,
    qos: 0 as const,
  }));
  const options = { url: scan.url, clientId: bootClientId("micromarket", "scan"), subscriptions, allowMqtt311: true };
  const opened = MqttLink.open(
    { ...options, ...scan.credentials },
    { now: () => machineTime.wallNow(), onMessage: hear },
  );
  if (!opened.ok) return fail(wrongWords(opened.error.code, opened.error.what, opened.error.mend));
  const link = opened.value;
  await scan.listen(() => link.metrics.messagesReceived);
  const { lastFailure } = link.status;
  const isReached = link.metrics.connections > 0;
  await link.close();
  if (isReached) return ok(findingsOf(scan.url, scan.entry, [...devices.values()]));
  const what = `no connection to ${scan.url}: ${lastFailure ?? "it does not answer"}`;
  return fail(
    wrongWords("BROKER_UNREACHABLE", what, "check the URL, --username and --password, and that the broker runs"),
  );
}

function earOf(profile: DeviceProfile): Ear {
  const { topics, availability, heartbeat } = profile;
  const templates = [...topics.map(({ topic }) => topic), availability?.topic ?? null, heartbeat]
    .filter((topic) => topic !== null)
    .filter((topic) => topic.includes("{id}"));
  const filters = templates.map((topic) =>
    topic
      .split("/")
      .map((level) => (level.includes("{id}") ? "+" : level))
      .join("/"),
  );
  const patterns = templates.map((topic) => {
    const escaped = topic.replace(/[.*+?^$()|[\]\\]/g, "\\$&");
    return new RegExp(`^${escaped.replace("{id}", "([^/]+)")}$`, "u");
  });
  return { profile, filters: filters.filter(isTopicFilter), patterns };
}

function findingsOf(url: string, entry: EntryFields, devices: readonly MqttDevice[]): readonly Finding[] {
  const fits = new Map<string, Fit[]>();
  for (const device of devices) {
    const { readings } = device.readings();
    // what the broker had stored is old, and yet somebody said it
    const points = readings.filter(({ value }) => value.kind === "value" || value.reason === "stale").length;
    const { name, kind, vendor, models, verified, requirements, caveats } = device.profile;
    const head = { kind, vendor, models, verified, requirements, caveats };
    const fit: Fit = { profile: name, by: "values", points, pointsMax: readings.length, head };
    if (points > 0) fits.set(device.id, [...(fits.get(device.id) ?? []), fit]);
  }
  return [...fits].map(([id, found]) => ({
    ...{ place: `${url} ${id}`, identity: null, fits: ranked(found), entry: { ...entry, id } },
    link: "mqtt" as const,
  }));
}
