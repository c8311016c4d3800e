/** Where checks are made: the server, who one is there, sockets that are closed afterwards, orders that are taken back. */
import { SUBPROTOCOL, type ClientMessage, type MarketView, type ServerMessage } from "@micromarket/protocol";
import { HttpTwin, socketUrl, type HttpAnswer } from "../http-twin.ts";
import { nodeFetch, type NodeTls } from "../node/node-surroundings.ts";
import { limitTender } from "../orders/tender-builders.ts";
import { answerChallenge, type Credential } from "../session/credential.ts";
import { NotHere, Otherwise } from "./otherwise.ts";
import { brief, RawClient, type HeardFrame, type RawInit, type Refusal } from "./raw-client.ts";

/** What is checked, and as whom. */
export interface LabInit {
  /** `http(s)://HOST[:PORT]`. */
  readonly url: string;
  readonly credential: Credential;
  readonly tls?: NodeTls;
  /** For whom orders are placed. @default the first party that one may trade for */
  readonly party?: string;
  /** How long something that must come may take. @default 10000 */
  readonly patienceMs?: number;
}

/** A server under test. */
export class Lab {
  readonly init: LabInit;
  readonly patienceMs: number;
  readonly http: HttpTwin;
  readonly #clients: RawClient[] = [];
  readonly #placed: { readonly party: string; readonly id: string }[] = [];
  #party: string | null = null;
  #number = 0;
  readonly #run = Array.from(globalThis.crypto.getRandomValues(new Uint8Array(5)), (byte) =>
    (byte % 36).toString(36),
  ).join("");

  private constructor(init: LabInit, token: string | undefined) {
    this.init = init;
    this.patienceMs = init.patienceMs ?? 10_000;
    this.http = new HttpTwin(init.url, { ...(token === undefined ? {} : { token }), fetch: nodeFetch(init.tls) });
  }

  /** Signs in over HTTP, where the credential is none that every request carries. Rejects where that cannot be done. */
  static async at(init: LabInit): Promise<Lab> {
    const { credential } = init;
    if (credential.kind === "bearer")
      return new Lab(init, typeof credential.token === "string" ? credential.token : await credential.token());
    if (credential.kind !== "challenge") return new Lab(init, undefined);
    const open = new HttpTwin(init.url, { fetch: nodeFetch(init.tls) });
    const { data: challenge } = await open.ask<ServerMessage<"auth.challenge">["data"]>("/auth/challenge", {});
    if (challenge === null) throw new Error(`${init.url} gives no challenge`);
    const shown = Object.entries(await answerChallenge(challenge, credential));
    const answer = Object.fromEntries(shown.filter(([name]) => name !== "method"));
    const { data, status } = await open.ask<{ readonly token?: string }>("/auth/answer", answer);
    if (data?.token === undefined) throw new Error(`${init.url} does not take the key: ${status}`);
    return new Lab(init, data.token);
  }

  /** An id that was never used before. */
  id(): string {
    this.#number += 1;
    return `x${this.#run}-${this.#number}`;
  }

  /** A socket that has heard hello; with no `protocols` that of this protocol is offered. */
  async open(protocols: readonly string[] = [SUBPROTOCOL]): Promise<RawClient> {
    const opened = await this.tryOpen(protocols);
    if ("status" in opened)
      throw new Otherwise(`the socket is refused with ${opened.status}: ${opened.body.slice(0, 200)}`);
    await opened.until(() => opened.frames.length > 0, "hello");
    return opened;
  }

  async tryOpen(protocols: readonly string[]): Promise<RawClient | Refusal> {
    const { certificate, key, authority } = this.init.tls ?? {};
    const tls = { cert: certificate, key, ca: authority };
    const init: RawInit = { url: socketUrl(this.init.url), protocols, patienceMs: this.patienceMs, tls };
    const opened = await RawClient.open(init);
    if (opened instanceof RawClient) this.#clients.push(opened);
    return opened;
  }

  /** A socket that has said who is there. */
  async signedIn(): Promise<RawClient> {
    const client = await this.open();
    await this.signIn(client);
    return client;
  }

  /** Says who is there; the answer. */
  async signIn(client: RawClient): Promise<HeardFrame> {
    const frame = await client.ask("auth", await this.authOf(client));
    if (frame.type !== "authenticated") throw new Otherwise(`signing in is answered by ${brief(frame)}`);
    return frame;
  }

  async authOf(client: RawClient): Promise<ClientMessage<"auth">["data"]> {
    const { credential } = this.init;
    switch (credential.kind) {
      case "bearer":
        return {
          method: "bearer",
          token: typeof credential.token === "string" ? credential.token : await credential.token(),
        };
      case "ticket":
        return { method: "ticket", ticket: await credential.ticket() };
      case "challenge":
        return answerChallenge((await client.answer("auth.challenge", {}, "auth.challenge")) as never, credential);
      case "certificate":
        return { method: "ticket", ticket: await this.http.ticket() };
    }
  }

  /** The market's rules and its present moment. */
  async market(): Promise<MarketView> {
    const client = await this.signedIn();
    await client.answer("subscribe", { ch: "market" }, "subscribed");
    const { data } = await client.frame(({ type, ch }) => type === "snapshot" && ch === "market", "the market");
    client.cut();
    return data as MarketView;
  }

  /** A slot that takes tenders for a while still. */
  async slot(): Promise<{ readonly slotMs: number; readonly slotLengthMs: number; readonly priceMicro: number }> {
    const { next_gate: gate, rules } = await this.market();
    const { slot_length_ms: slotLengthMs, tick_micro_per_kwh: tick, price_floor_micro_per_kwh: floor } = rules;
    const ahead = Math.max(0, Math.min(4, Math.floor((rules.horizon_ms - rules.gate_lead_ms) / slotLengthMs) - 2));
    const priceMicro = floor === null ? 0 : Math.ceil(floor / tick) * tick;
    return { slotMs: gate.slot_ms + ahead * slotLengthMs, slotLengthMs, priceMicro: priceMicro === 0 ? 0 : priceMicro };
  }

  /** Whom orders are placed for. */
  async party(): Promise<string> {
    if (this.#party !== null) return this.#party;
    if (this.init.party !== undefined) return (this.#party = this.init.party);
    const client = await this.open();
    const { grants } = (await this.signIn(client)).data as { grants: { party: string; scopes: string[] }[] };
    const mine = grants.filter(({ scopes }) => scopes.includes("trade"));
    const named = mine.find(({ party }) => party !== "*");
    if (named !== undefined) return (this.#party = named.party);
    if (mine.length === 0) throw new NotHere("one may trade for nobody: give --party or another credential");
    const { data } = await this.http.ask<{ parties: { id?: string; party?: string }[] }>("/parties");
    const residual = (await this.market()).rules.residual.party;
    const names = (data?.parties ?? []).map(({ id, party }) => id ?? party ?? "");
    const first = names.find((name) => name !== residual && name !== "");
    if (first === undefined) throw new NotHere("the market has no party: give --party");
    return (this.#party = first);
  }

  /** An `EiCreateTender` of one order that trades with nobody. */
  async creating(id = this.id(), requestId = this.id()): Promise<ClientMessage<"EiCreateTender">["data"]> {
    const { slotMs, slotLengthMs, priceMicro } = await this.slot();
    const tender = [limitTender({ id, side: "buy", slotMs, slotLengthMs, priceMicro, quantityWh: 100 })];
    const party = await this.party();
    this.#placed.push({ party, id });
    return { requestId, partyId: party, tender };
  }

  /** Notes an order that has to be taken back. */
  note(party: string, id: string): void {
    this.#placed.push({ party, id });
  }

  /** Places an order; what was sent, and the answer's data. */
  async place(client: RawClient) {
    const sent = await this.creating();
    const data = await client.answer("EiCreateTender", sent, "EiCreatedTender");
    const { responseCode, code } = data["response"] as { responseCode: number; code?: string };
    if (responseCode !== 200) throw new Otherwise(`the order is answered with ${responseCode} ${code ?? ""}`);
    const id = sent.tender[0]?.tenderId ?? "";
    return { sent, data, id, party: sent.partyId };
  }

  /** One order over HTTP. */
  orderByHttp(party: string, id: string): Promise<HttpAnswer<Record<string, unknown>>> {
    return this.http.ask(`/parties/${encodeURIComponent(party)}/orders/${encodeURIComponent(id)}`);
  }

  /** Takes back what was placed, and closes every socket. */
  async tidyUp(): Promise<void> {
    const placed = this.#placed.splice(0);
    for (const party of new Set(placed.map((each) => each.party))) {
      const tenderId = placed.filter((each) => each.party === party).map(({ id }) => id);
      await this.http.send("EiCancelTender", { requestId: this.id(), partyId: party, tenderId }).catch(() => undefined);
    }
    for (const client of this.#clients.splice(0)) {
      client.cut();
      await client.until(() => client.end !== null, "the end").catch(() => undefined);
    }
  }
}
