/**
 * A site's face towards MQTT: its values, whether it is there, and, where wanted, the configs by which Home Assistant finds
 * them.
 *
 * Invariants: the status that the broker stores says `online` only while the link is connected, because its will says
 * `offline`; values are never stored, and none is kept for later but the last of each; configs that were taken back do not
 * come again.
 */
import { fail, ok, type InstantMs, type Result } from "@micromarket/kernel";
import { DISCOVERY_PREFIX, discoveryMessages, removalMessages, type DiscoveryOptions } from "./home-assistant.ts";
import { bootClientId, type MqttLinkOptions, type OptionFailure } from "./link-options.ts";
import { isTopicName } from "./mqtt-message.ts";
import { MqttLink, type CommandFailure, type LinkStatus } from "./mqtt-link.ts";
import { siteMessages, siteTopic, statusMessage, type FactMessage, type SiteValues } from "./site-values.ts";

/** How a site shows itself. */
export interface FacadeOptions extends Omit<MqttLinkOptions, "clientId" | "subscriptions" | "will" | "echo"> {
  /** Letters, digits, `_` and `-`: it stands in topics, and with client certificates it is the name in them. */
  readonly site: string;
  /** @default Home Assistant is told nothing */
  readonly discovery?: DiscoveryOptions;
}

/** What a facade needs from outside. */
export interface FacadePorts {
  readonly now: () => InstantMs;
  readonly onStatus?: (status: LinkStatus) => void;
  readonly random?: () => number;
}

/** Why no facade is opened. */
export type FacadeFailure =
  OptionFailure | { readonly code: "SITE_INVALID" | "PREFIX_INVALID"; readonly what: string; readonly mend: string };

const SITE = /^[A-Za-z0-9_-]{1,64}$/;
const ECHO = { everyMs: 10_000, deadlineMs: 20_000 };

/** Publishes a site's values. */
export class MarketFacade {
  /** Differs after each start; the status carries it. */
  readonly boot: string;
  readonly link: MqttLink;
  readonly #site: string;
  readonly #discovery: DiscoveryOptions | null;
  #isDiscoverable: boolean;
  #last: readonly FactMessage[] = [];

  private constructor(boot: string, options: FacadeOptions, link: MqttLink) {
    this.boot = boot;
    this.#site = options.site;
    this.#discovery = options.discovery ?? null;
    this.#isDiscoverable = this.#discovery !== null;
    this.link = link;
  }

  /** Checks the options and begins to connect. */
  static open(options: FacadeOptions, ports: FacadePorts): Result<MarketFacade, FacadeFailure> {
    const { site, discovery, ...link } = options;
    if (!SITE.test(site)) {
      const what = `site ${JSON.stringify(site)}`;
      return fail({ code: "SITE_INVALID", what, mend: "use 1 to 64 letters, digits, _ and -" });
    }
    const birth = `${discovery?.prefix ?? DISCOVERY_PREFIX}/status`;
    if (!isTopicName(birth)) {
      const what = `discovery prefix ${JSON.stringify(discovery?.prefix)}`;
      return fail({ code: "PREFIX_INVALID", what, mend: "write a topic without wildcards" });
    }
    const boot = bootClientId(site, "facade");
    let opened: MarketFacade | null = null;
    const made = MqttLink.open(
      {
        ...link,
        clientId: boot,
        subscriptions: discovery === undefined ? [] : [{ filter: birth, qos: 0 }],
        will: statusMessage(site, boot, "offline"),
        echo: { topic: siteTopic(site, "echo"), ...ECHO },
      },
      {
        ...ports,
        onStatus: (status) => {
          if (status.state === "connected") void opened?.announce();
          ports.onStatus?.(status);
        },
        // Home Assistant has started: it has the stored configs, and no value.
        onMessage: ({ topic, payload }) => {
          if (topic === birth && Buffer.from(payload).toString() === "online") void opened?.repeat();
        },
      },
    );
    if (!made.ok) return made;
    opened = new MarketFacade(boot, options, made.value);
    return ok(opened);
  }

  /** Publishes `values` now; while not connected they are refused, and the last of them go out at the next connection. */
  async publish(values: SiteValues): Promise<Result<null, CommandFailure>> {
    this.#last = siteMessages(this.#site, values);
    return this.#publishAll(this.#last);
  }

  /** Makes Home Assistant and the broker forget the configs. Refused while not connected: call it again. */
  async removeDiscovery(): Promise<Result<null, CommandFailure>> {
    this.#isDiscoverable = false;
    return this.#discovery === null ? ok(null) : this.#publishAll(removalMessages(this.#site, this.#discovery));
  }

  /** Says that the site is there, how to find its values, and what they were last. */
  async announce(): Promise<Result<null, CommandFailure>> {
    const configs =
      this.#isDiscoverable && this.#discovery !== null ? discoveryMessages(this.#site, this.#discovery) : [];
    return this.#publishAll([...configs, statusMessage(this.#site, this.boot, "online"), ...this.#last]);
  }

  /** Publishes the last values again. */
  async repeat(): Promise<Result<null, CommandFailure>> {
    return this.#publishAll(this.#last);
  }

  /** Says goodbye and ends. */
  async close(): Promise<void> {
    await this.#publishAll([statusMessage(this.#site, this.boot, "offline")]);
    await this.link.close();
  }

  async #publishAll(messages: readonly FactMessage[]): Promise<Result<null, CommandFailure>> {
    for (const { topic, payload, isRetained } of messages) {
      const sent = await this.link.publishFact(topic, payload, { isRetained });
      if (!sent.ok) return sent;
    }
    return ok(null);
  }
}
