/** What links have counted, as the page and the metrics show it. */
import type { LinkFigures, LinkReport } from "@micromarket/api-http";
import type { InstantMs } from "@micromarket/kernel";
import type { ModbusLink } from "@micromarket/link-modbus";
import type { MqttLink } from "@micromarket/link-mqtt";

const MS_IN_SECOND = 1_000;

/** Of the units that one device may have behind `link`; times are the machine's. */
export function modbusFigures(link: ModbusLink, units: readonly number[]): LinkFigures {
  const counts = units.map((unit) => link.unitMetrics(unit));
  const sum = (of: (each: (typeof counts)[number]) => number): number =>
    counts.reduce((found, each) => found + of(each), 0);
  const good = counts.flatMap(({ lastGoodAt }) => lastGoodAt ?? []);
  return {
    requests: sum(({ requests }) => requests),
    timeouts: sum(({ timeouts }) => timeouts),
    exceptions: sum(({ exceptions }) => total(exceptions)),
    reconnects: link.metrics.reconnects,
    lastGood: good.reduce<InstantMs | null>((latest, at) => (latest === null || at > latest ? at : latest), null),
  };
}

/** Of one device behind a broker, which said something last at `lastGood`; commands are counted for the broker. */
export function mqttFigures({ metrics }: MqttLink, lastGood: InstantMs | null): LinkFigures {
  const { commandsSent: requests, commandsUnanswered: timeouts } = metrics;
  return { requests, timeouts, exceptions: 0, reconnects: reconnectsOf(metrics), lastGood };
}

/** Of the whole link to `place`. */
export function modbusReport(place: string, { metrics }: ModbusLink): LinkReport {
  const { requests, timeouts, exceptions, reconnects, queueWaitMsSum } = metrics;
  const queueWaitSeconds = queueWaitMsSum / MS_IN_SECOND;
  return { link: place, protocol: "modbus", requests, timeouts, exceptions, reconnects, queueWaitSeconds };
}

/** Of the whole link to a broker. */
export function mqttReport(broker: string, { metrics }: MqttLink): LinkReport {
  const { commandsSent: requests, commandsUnanswered: timeouts } = metrics;
  const counted = { requests, timeouts, exceptions: {}, reconnects: reconnectsOf(metrics) };
  return { link: broker, protocol: "mqtt", ...counted, queueWaitSeconds: null };
}

function reconnectsOf({ connections }: MqttLink["metrics"]): number {
  return Math.max(0, connections - 1);
}

function total(counts: Readonly<Record<number, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
