/**
 * The ledger in its most obvious form, to judge the real one by: a list of what was accepted, from which everything is
 * reckoned anew whenever it is asked.
 */
import type { AccountLimits, HoldRequest, TransferRequest } from "@micromarket/ledger";

interface Accepted {
  readonly request: TransferRequest;
  readonly at: number;
}

/** Money accounts that are never closed, with limits that never change. */
export class OracleLedger {
  readonly limits: ReadonlyMap<string, Readonly<AccountLimits>>;
  #accepted: readonly Accepted[] = [];
  #now = 0;

  constructor(limits: ReadonlyMap<string, Readonly<AccountLimits>>) {
    this.limits = limits;
  }

  /** What has become of the hold `id`. */
  fateOf(id: string): string {
    const end = this.#accepted.find(({ request: { kind, ...request } }) => {
      return kind !== "reduce-hold" && "hold" in request && request.hold === id;
    });
    if (end !== undefined) return end.request.kind === "post-hold" ? "posted" : "voided";
    const { expires } = this.#find(id)?.request as HoldRequest;
    return expires !== null && expires <= this.#now ? "expired" : "open";
  }

  /** What the account holds, and what open holds may take and bring. */
  account(name: string): { balance: bigint; debitsHeld: bigint; creditsHeld: bigint } {
    let [balance, debitsHeld, creditsHeld] = [0n, 0n, 0n];
    for (const { request } of this.#accepted) {
      if (request.kind === "post") balance += sign(request, name) * request.amount;
      if (request.kind === "hold" && this.fateOf(request.id) === "open") {
        if (request.debit === name) debitsHeld += this.#heldBy(request);
        if (request.credit === name) creditsHeld += this.#heldBy(request);
      }
      if (request.kind === "post-hold") {
        const held = this.#find(request.hold)?.request as HoldRequest;
        balance += sign(held, name) * (request.amount ?? this.#heldBy(held));
      }
    }
    return { balance, debitsHeld, creditsHeld };
  }

  /** The codes that a batch is answered with; `ok` for what is done. */
  execute(requests: readonly TransferRequest[], at: number): readonly string[] {
    this.#now = at;
    const codes: string[] = [];
    for (let first = 0; first < requests.length;) {
      let end = first;
      while (end < requests.length - 1 && requests[end]?.linked === true) end++;
      codes.push(...this.#chain(requests.slice(first, end + 1), at));
      first = end + 1;
    }
    return codes;
  }

  #chain(chain: readonly TransferRequest[], at: number): readonly string[] {
    const before = this.#accepted;
    for (const [index, request] of chain.entries()) {
      const code = request.linked === true && index === chain.length - 1 ? "CHAIN_OPEN" : this.#judge(request);
      if (code !== "ok") {
        this.#accepted = before;
        return chain.map((_, other) => (other === index ? code : "LINKED_FAILED"));
      }
      this.#accepted = [...this.#accepted, { request, at }];
    }
    return chain.map(() => "ok");
  }

  /** What is, or was at its end, set aside by the hold. */
  #heldBy({ id, amount }: HoldRequest): bigint {
    const reductions = this.#accepted.flatMap(({ request }) => {
      return request.kind === "reduce-hold" && request.hold === id ? [request.amount] : [];
    });
    return reductions.reduce((left, reduction) => left - reduction, amount);
  }

  #find(id: string): Accepted | undefined {
    return this.#accepted.find(({ request }) => request.id === id);
  }

  #judge(request: TransferRequest): string {
    const known = this.#find(request.id)?.request;
    if (known !== undefined) return textOf(known) === textOf(request) ? "EXISTS" : "EXISTS_DIFFERENT";
    if (request.kind === "void-hold" || request.kind === "post-hold" || request.kind === "reduce-hold")
      return this.#judgeEnd(request);
    const { debit, credit, amount } = request;
    if (request.kind === "hold" && request.expires !== null && request.expires <= this.#now) return "EXPIRY_PAST";
    if (debit === credit) return "ACCOUNTS_SAME";
    if (amount <= 0n) return "AMOUNT_NOT_POSITIVE";
    const [from, to] = [this.limits.get(debit), this.limits.get(credit)];
    if (from === undefined) return "DEBIT_ACCOUNT_UNKNOWN";
    if (to === undefined) return "CREDIT_ACCOUNT_UNKNOWN";
    const [payer, payee] = [this.account(debit), this.account(credit)];
    if (from.floor !== null && payer.balance - payer.debitsHeld - amount < from.floor) return "FUNDS_INSUFFICIENT";
    if (to.ceiling !== null && payee.balance + payee.creditsHeld + amount > to.ceiling) return "CEILING_EXCEEDED";
    return "ok";
  }

  #judgeEnd(request: TransferRequest & { hold: string }): string {
    const held = this.#find(request.hold)?.request;
    if (held === undefined) return "HOLD_UNKNOWN";
    if (held.kind !== "hold") return "HOLD_IS_NONE";
    const amount = request.kind === "post-hold" || request.kind === "reduce-hold" ? (request.amount ?? 0n) : 0n;
    if (request.kind === "reduce-hold" && amount <= 0n) return "AMOUNT_NOT_POSITIVE";
    if (amount < 0n) return "AMOUNT_NEGATIVE";
    const isAll = request.kind === "reduce-hold" && amount === this.#heldBy(held);
    if (amount > this.#heldBy(held) || isAll) return "AMOUNT_EXCEEDS_HOLD";
    const fate = this.fateOf(held.id);
    return fate === "open" ? "ok" : `HOLD_${fate.toUpperCase()}`;
  }
}

function sign({ debit, credit }: { debit: string; credit: string }, name: string): bigint {
  return BigInt(credit === name) - BigInt(debit === name);
}

function textOf({ linked = false, ...request }: TransferRequest): string {
  const fields = Object.entries({ ...request, linked }).sort(([a], [b]) => (a < b ? -1 : 1));
  return fields.map(([key, value]) => `${key} ${value}`).join(", ");
}
