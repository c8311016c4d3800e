/** The market of a journal with the keys that the gateway needs in it, or why there is none. */
import type { Journal, MarketNode } from "@micromarket/engine";
import type { Signer, Verify } from "@micromarket/identity";
import type { KeyFileRefusal } from "@micromarket/identity-node";
import { fail, ok, type Result } from "@micromarket/kernel";
import { foundingRules } from "./founding-rules.ts";
import type { GatewayConfig } from "./gateway-config.ts";
import type { GatewayLog } from "./gateway-log.ts";
import { journalPath, keyPath } from "./gateway-sources.ts";
import { HouseKeys } from "./house-keys.ts";
import { resumeMarket } from "./resume-market.ts";
import { failureOfForeignKey, failureOfKey, failureOfOpening, type StartFailure } from "./start-failure.ts";

/** What signing needs from outside. */
export interface SigningPorts {
  /** The secret key at the path, made there on the first start. */
  readonly openKey: (path: string) => Result<Signer, KeyFileRefusal>;
  /** The arithmetic of signatures. */
  readonly verify: Verify;
  readonly log: GatewayLog;
}

/** A node that goes on. */
export interface OpenMarket {
  readonly node: MarketNode;
  /** `null`: the market was founded open. */
  readonly keys: HouseKeys | null;
}

/** Opens the market of `config` on `journal`, founding it signed if the journal is fresh. */
export function openMarket(
  config: GatewayConfig,
  journal: Journal,
  { openKey, verify, log }: SigningPorts,
): Result<OpenMarket, StartFailure> {
  const path = keyPath(config);
  const signer = openKey(path);
  if (!signer.ok) return fail(failureOfKey(signer.error));
  const rules = foundingRules(config.rules, journal, signer.value.key.did);
  const resumed = resumeMarket(rules, journal, verify);
  if (!resumed.ok) return fail(failureOfOpening(resumed.error, journalPath(config)));
  const { node, snapshotRefused } = resumed.value;
  if (snapshotRefused !== null) log.warn({ code: snapshotRefused.code }, "the snapshot was left aside");
  if (rules.identity !== "signed") {
    log.warn({ identity: "open" }, "the market was founded before commands were signed, and goes on unsigned");
    return ok({ node, keys: null });
  }
  return isOperators(node, signer.value)
    ? ok({ node, keys: new HouseKeys(signer.value, rules) })
    : fail(failureOfForeignKey(path));
}

/** Whether the node takes the operator's word from this key. */
function isOperators({ state }: MarketNode, { key }: Signer): boolean {
  const record = state.registry.keys.get(key.did);
  return record?.role === "operator" && record.revokedAt === null && record.until === null;
}
