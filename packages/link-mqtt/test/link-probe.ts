import { instantMs } from "@micromarket/kernel";
import { MqttLink, type LinkStatus, type MqttLinkOptions, type MqttMessage } from "@micromarket/link-mqtt";

const PATIENCE_MS = 20_000;

/** The machine's clock. */
export const now = () => instantMs(Date.now());

/** Something that changes, and those who wait for a change. Counters change without telling, so they are looked at too. */
export class Changes {
  readonly #checks = new Set<() => void>();

  tell(): void {
    for (const check of [...this.#checks]) check();
  }

  /** Settles at the change that makes `isSo` true. */
  async until(isSo: () => boolean, what: () => unknown): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const check = (): void => {
        if (!isSo()) return;
        stop();
        resolve();
      };
      const stop = (): void => {
        clearTimeout(timer);
        clearInterval(look);
        this.#checks.delete(check);
      };
      const look = setInterval(check, 5);
      const timer = setTimeout(() => {
        stop();
        reject(new Error(`it did not come about: ${isSo.toString()}; there is ${JSON.stringify(what())}`));
      }, PATIENCE_MS);
      this.#checks.add(check);
      check();
    });
  }
}

/** A link whose every word is kept. */
export interface LinkProbe {
  readonly link: MqttLink;
  readonly statuses: readonly LinkStatus[];
  readonly messages: readonly MqttMessage[];
  readonly texts: () => string[];
  readonly until: (isSo: () => boolean) => Promise<void>;
  readonly untilState: (state: LinkStatus["state"]) => Promise<void>;
}

const opened: MqttLink[] = [];

/** Opens a link that tries again soon; `closeLinks` closes it. */
export function openLink(
  options: Partial<MqttLinkOptions> & {
    readonly port: number;
    readonly filters?: readonly string[];
    readonly random?: () => number;
  },
  onMessage: (message: MqttMessage) => void | Promise<void> = () => undefined,
): LinkProbe {
  const { port, filters = ["#"], random = () => 0.5, ...rest } = options;
  const changes = new Changes();
  const statuses: LinkStatus[] = [];
  const messages: MqttMessage[] = [];
  const subscriptions = filters.map((filter) => ({ filter, qos: 1 as const }));
  const soon = { firstMs: 10, maxMs: 50 };
  const url = `mqtt://127.0.0.1:${port}`;
  const link = MqttLink.open(
    { url, clientId: `test-${opened.length}-${process.pid}`, subscriptions, backOff: soon, ...rest },
    {
      now,
      random,
      onStatus: (status) => {
        statuses.push(status);
        changes.tell();
      },
      onMessage: (message) => {
        messages.push(message);
        changes.tell();
        return onMessage(message);
      },
    },
  );
  if (!link.ok) throw new Error(JSON.stringify(link.error));
  opened.push(link.value);
  const until = (isSo: () => boolean) => changes.until(isSo, () => [link.value.status, link.value.metrics]);
  return {
    link: link.value,
    statuses,
    messages,
    texts: () => messages.map(({ payload }) => Buffer.from(payload).toString()),
    until,
    untilState: (state) => until(() => link.value.status.state === state),
  };
}

/** Closes every link that a test opened. */
export async function closeLinks(): Promise<void> {
  await Promise.all(opened.map((link) => link.close()));
}
