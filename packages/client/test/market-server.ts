/** A real market with its socket: the engine, its journal and archive in memory, behind the API as a gateway has it. */
import { createServer } from "node:net";
import {
  createAccessRegistry,
  createReadModel,
  startApi,
  type AdministeredRegistry,
  type ApiServer,
  type PrincipalEntry,
  type SocketLimits,
  type TlsOptions,
  type TradingDesk,
} from "@micromarket/api-http";
import {
  indicative,
  openNode,
  partiesTendering,
  type Command,
  type Executed,
  type MarketNode,
  type MarketRules,
} from "@micromarket/engine";
import { instantMs, slotAfter, type InstantMs } from "@micromarket/kernel";
import type { OrderArchive } from "@micromarket/protocol";
import {
  closeGate,
  createArchiveDisk,
  createMemoryArchive,
  createMemoryDisk,
  createMemoryJournal,
  createVirtualClock,
  creditAccount,
  marketRules,
  NOON,
  registerParty,
  setTariff,
  type MemoryDisk,
  type VirtualClock,
} from "@micromarket/testkit";

export const HOMES = ["anne", "bert", "carl"] as const;
/** Of the operator. */
export const TOKEN = "an-operators-token-of-length";

/** How it is set up. */
export interface MarketInit {
  readonly rules?: MarketRules;
  readonly limits?: Partial<SocketLimits>;
  readonly principals?: readonly PrincipalEntry[];
  readonly tls?: TlsOptions;
  readonly allowedOrigins?: readonly string[];
  /** Commands before anybody comes in, in place of admitting three homes with funds and a tariff. */
  readonly founding?: readonly Command[];
}

/** Quick enough that a test does not wait, slow enough for a machine that is busy. */
const LIMITS: Partial<SocketLimits> = { heartbeatMs: 200, lookMs: 50, pingMs: 500 };

/** A market that can be stopped and started again at the same address. */
export class MarketServer {
  readonly rules: MarketRules;
  readonly clock: VirtualClock;
  readonly disk: MemoryDisk = createMemoryDisk();
  archive: OrderArchive;
  registry: AdministeredRegistry;
  /** What the desk waits for before it executes. */
  hold: Promise<void> | null = null;
  isTrading = true;
  readonly #init: MarketInit;
  readonly #node: MarketNode;
  readonly #model: ReturnType<typeof createReadModel>;
  readonly #archiveDisk = createArchiveDisk();
  #api: ApiServer | null = null;
  #port = 0;

  private constructor(init: MarketInit) {
    this.#init = init;
    this.rules = init.rules ?? marketRules();
    const opened = openNode(this.rules, createMemoryJournal(this.disk));
    if (!opened.ok) throw new Error(JSON.stringify(opened.error));
    this.#node = opened.value;
    this.clock = createVirtualClock(instantMs(NOON - 3_600_000));
    this.#model = createReadModel({ rules: this.rules, since: this.clock.now() });
    this.archive = createMemoryArchive({ disk: this.#archiveDisk });
    this.registry = this.#newRegistry();
    const founding: readonly Command[] = init.founding ?? [
      ...HOMES.map((home) => registerParty(home)),
      ...HOMES.map((home) => creditAccount(home, 5_000_000_000_000n, `payment of ${home}`)),
      setTariff(instantMs(0), 300_000, 80_000),
    ];
    for (const [index, { ok, ...more }] of this.obey(...founding).entries())
      if (!ok) throw new Error(`founding ${index}: ${JSON.stringify(more)}`);
  }

  /** A market that listens on a free port. */
  static async start(init: MarketInit = {}): Promise<MarketServer> {
    const server = new MarketServer(init);
    server.#port = await freePort();
    await server.listen();
    return server;
  }

  get url(): string {
    return `${this.#init.tls === undefined ? "http" : "https"}://127.0.0.1:${this.#port}`;
  }

  get port(): number {
    return this.#port;
  }

  /** The slot that is `count` slots after noon. */
  slot(count = 0): InstantMs {
    return slotAfter({ startMs: NOON, lengthMs: this.rules.slotLength }, count).startMs;
  }

  /** Executes commands at once. */
  obey(...commands: readonly Command[]): readonly Executed[] {
    const outcomes = this.#node.execute(commands, this.clock.now());
    const { head, state } = this.#node;
    commands.forEach((command, index) => {
      const outcome = outcomes[index];
      if (outcome?.ok !== true) return;
      const { sequence, events } = outcome;
      const hash = sequence === head.sequence ? head.hash : null;
      this.archive.record({ sequence, at: state.at, hash, command, events });
      this.#model.record(events, state.at);
    });
    return outcomes;
  }

  /** Lets time pass until the slot's gate closes, and closes it. */
  close(slot: InstantMs): void {
    this.clock.set(instantMs(slot - this.rules.gateLead));
    const [closed] = this.obey(closeGate(slot));
    if (closed?.ok !== true) throw new Error(JSON.stringify(closed));
  }

  async listen(): Promise<void> {
    const { limits, tls, allowedOrigins } = this.#init;
    const submit = async (commands: readonly Command[]): Promise<readonly Executed[]> => {
      await Promise.resolve();
      if (this.hold !== null) await this.hold;
      return this.obey(...commands);
    };
    const desk: TradingDesk = {
      ...{ rules: this.rules, archive: this.archive, submit, direct: submit },
      isTrading: () => this.isTrading,
    };
    const working = { status: "pass", detail: "works" } as const;
    const api = await startApi({
      ...{ model: this.#model, clock: { now: this.clock.now, factor: 60 }, version: "1.2.3", port: this.#port },
      probes: { store: () => working, clock: () => working },
      registry: this.registry,
      access: { token: TOKEN, ...(allowedOrigins === undefined ? {} : { allowedOrigins }) },
      ...(tls === undefined ? {} : { tls }),
      socketsMax: 256,
      indicative: (slot) => {
        const indication = indicative(this.#node.state, slot);
        return indication === null ? null : { indication, parties: partiesTendering(this.#node.state, slot, 3) };
      },
      trading: {
        desk,
        limits: { ...LIMITS, ...limits },
        levels: (slot) => (slot <= this.slot(1) ? this.#levels(slot) : null), // of two slots: the archive's twin is slow
      },
      onError: (error) => this.errors.push(error),
    });
    if (!api.ok) throw new Error(api.error.message);
    this.#api = api.value;
  }

  /** What went wrong inside. */
  readonly errors: unknown[] = [];

  /** Stops it, as before an update. */
  async stop(): Promise<void> {
    await this.#api?.close();
    this.#api = null;
  }

  /** Begins the archive anew: numbers of the private streams mean something else from now on. */
  beginArchiveAnew(): void {
    const { sequence, hash } = this.#node.head;
    this.archive.begin({ head: { sequence, hash }, standing: [] });
  }

  #levels(slot: InstantMs) {
    const orders = HOMES.flatMap((home) => {
      const party = this.#model.party(home)?.party;
      return party === undefined ? [] : this.archive.ordersOf(party, { slot }, { after: null, limit: 1_000 }).orders;
    });
    return [
      { price: 100_000, buyWh: sum(orders, "buy"), sellWh: 0 },
      { price: 200_000, buyWh: 0, sellWh: sum(orders, "sell") },
    ];
  }

  #newRegistry(): AdministeredRegistry {
    const { allowedOrigins = [] } = this.#init;
    return createAccessRegistry({
      ...{ server: "micromarket", principals: this.#init.principals ?? [], issuers: [], operatorToken: TOKEN },
      allowsOrigin: (origin) => origin === undefined || allowedOrigins.includes(origin),
      now: () => instantMs(Date.now()),
    });
  }
}

function sum(orders: readonly { readonly side: string; readonly remaining: number }[], side: string): number {
  return orders.reduce((total, order) => total + (order.side === side ? order.remaining : 0), 0);
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}
