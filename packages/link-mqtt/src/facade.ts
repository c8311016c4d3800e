/**
 * A site's face towards MQTT: its values, whether it is there, and, where wanted, the configs by which Home Assistant finds
 * them.
 *
 * Invariants: the status that the broker stores says `online` only while the link is connected, because its will says
 * `offline`; values are never stored, and none is kept for later but the last of each; configs that were taken back do not
 * come again.
 */
import { fail, ok, type InstantMs, type Result } from "@micromarket/kernel";
import {
  configFilter,
  DISCOVERY_PREFIX,
  discoveryMessages,
  homeDiscoveryMessages,
  isHomeConfig,
  removalMessages,
  type DiscoveryOptions,
} from "./home-assistant.ts";
import { homeMessages, type HomeValues, type PublishedHome } from "./home-values.ts";
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
  /** Homes whose values are published beside the site's. @default none */
  readonly homes?: readonly PublishedHome[];
}

/** What a facade needs from outside. */
export interface FacadePorts {
  readonly now: () => InstantMs;
  readonly onStatus?: (status: LinkStatus) => void;
  readonly random?: () => number;
}

/** Why no facade is opened. */
export type FacadeFailure =
  | OptionFailure
  | { readonly code: "SITE_INVALID" | "PREFIX_INVALID" | "HOME_INVALID"; readonly what: string; readonly mend: string };

const NAME = /^[A-Za-z0-9_-]{1,64}$/;

/** Whether a site's or a home's name can stand in topics. */
export function isTopicLabel(name: string): boolean {
  return NAME.test(name);
}

const ECHO = { everyMs: 10_000, deadlineMs: 20_000 };

/** Publishes a site's values. */
export class MarketFacade {
  /** Differs after each start; the status carries it. */
  readonly boot: string;
  readonly link: MqttLink;
  readonly #site: string;
  readonly #discovery: DiscoveryOptions | null;
  readonly #homes: readonly PublishedHome[];
  #isDiscoverable: boolean;
  /** Topics of stored configs that nobody publishes any more. */
  readonly #strays = new Set<string>();
  #last: readonly FactMessage[] = [];

  private constructor(boot: string, options: FacadeOptions, link: MqttLink) {
    this.boot = boot;
    this.#site = options.site;
    this.#discovery = options.discovery ?? null;
    this.#homes = options.homes ?? [];
    this.#isDiscoverable = this.#discovery !== null;
    this.link = link;
  }

  /** Checks the options and begins to connect. */
  static open(options: FacadeOptions, ports: FacadePorts): Result<MarketFacade, FacadeFailure> {
    const { site, discovery, homes = [], ...link } = options;
    if (!isTopicLabel(site)) {
      const what = `site ${JSON.stringify(site)}`;
      return fail({ code: "SITE_INVALID", what, mend: "use 1 to 64 letters, digits, _ and -" });
    }
    const unfit = homes.find(({ home }) => !isTopicLabel(home));
    if (unfit !== undefined) {
      const what = `home ${JSON.stringify(unfit.home)}`;
      return fail({ code: "HOME_INVALID", what, mend: "use 1 to 64 letters, digits, _ and -" });
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
        subscriptions:
          discovery === undefined ? [] : [birth, configFilter(site, discovery)].map((filter) => ({ filter, qos: 0 })),
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
          if (opened === null) return;
          if (topic !== birth) void opened.#hearConfig(topic, payload.length === 0);
          else if (Buffer.from(payload).toString() === "online") void opened.repeat();
        },
      },
    );
    if (!made.ok) return made;
    opened = new MarketFacade(boot, options, made.value);
    return ok(opened);
  }

  /** Publishes `values` now; while not connected they are refused, and the last of them go out at the next connection. */
  async publish(values: SiteValues, homes: readonly HomeValues[] = []): Promise<Result<null, CommandFailure>> {
    this.#last = [...siteMessages(this.#site, values), ...homes.flatMap((home) => homeMessages(this.#site, home))];
    return this.#publishAll(this.#last);
  }

  /** Makes Home Assistant and the broker forget the configs. Refused while not connected: call it again. */
  async removeDiscovery(): Promise<Result<null, CommandFailure>> {
    this.#isDiscoverable = false;
    const discovery = this.#discovery;
    if (discovery === null) return ok(null);
    const ofHomes = this.#homes.flatMap((home) => homeDiscoveryMessages(this.#site, home, discovery));
    const removals = ofHomes.map((message) => ({ ...message, payload: "" }));
    return this.#publishAll([...removalMessages(this.#site, discovery), ...removals]);
  }

  /** Says that the site is there, how to find its values, and what they were last. */
  async announce(): Promise<Result<null, CommandFailure>> {
    return this.#publishAll([
      ...this.#forgetting(),
      ...this.#configs(),
      statusMessage(this.#site, this.boot, "online"),
      ...this.#last,
    ]);
  }

  /** Publishes the last values again. */
  async repeat(): Promise<Result<null, CommandFailure>> {
    return this.#publishAll(this.#last);
  }

  /**
   * Hears of a config that the broker stores. One of a home that is not published, or no longer, is taken out of it: now, or
   * where the link is not there yet, with the announcement. So no home is named to the broker that it does not know already.
   */
  async #hearConfig(topic: string, isGone: boolean): Promise<void> {
    if (isGone) this.#strays.delete(topic);
    if (isGone || !isHomeConfig(topic) || this.#configs().some((config) => config.topic === topic)) return;
    this.#strays.add(topic);
    if (this.link.status.state === "connected") await this.#publishAll(this.#forgetting());
  }

  #forgetting(): readonly FactMessage[] {
    return [...this.#strays].map((topic) => ({ topic, payload: "", isRetained: true }));
  }

  /** Says goodbye and ends. */
  async close(): Promise<void> {
    await this.#publishAll([statusMessage(this.#site, this.boot, "offline")]);
    await this.link.close();
  }

  #configs(): readonly FactMessage[] {
    const [site, discovery] = [this.#site, this.#discovery];
    if (!this.#isDiscoverable || discovery === null) return [];
    return [
      ...discoveryMessages(site, discovery),
      ...this.#homes.flatMap((home) => homeDiscoveryMessages(site, home, discovery)),
    ];
  }

  async #publishAll(messages: readonly FactMessage[]): Promise<Result<null, CommandFailure>> {
    for (const { topic, payload, isRetained } of messages) {
      const sent = await this.link.publishFact(topic, payload, { isRetained });
      if (!sent.ok) return sent;
    }
    return ok(null);
  }
}
