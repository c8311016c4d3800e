/**
 * The market node as one function: (state, command, at) → events, or a refusal that changes nothing.
 *
 * The state is changed in place. Equal states and commands give equal events and states, on every machine: nothing but
 * the arguments is looked at. An exception is a bug, and the state is unknown after it.
 */
import { verifyInJavaScript, type Verify } from "@micromarket/identity";
import { greatest, sha256InJavaScript, unreachable, type InstantMs, type Sha256 } from "@micromarket/kernel";
import { applyAward } from "./apply-award.ts";
import { cancelTender } from "./cancel-tender.ts";
import { cancelTenders } from "./cancel-tenders.ts";
import { closeGate } from "./close-gate.ts";
import type { BareCommand, Command } from "./command.ts";
import { isBare, isDerived } from "./commitments.ts";
import { creditAccount } from "./credit-account.ts";
import { enrolKey } from "./enrol-key.ts";
import { estimateDeliveries } from "./estimate-deliveries.ts";
import { fallBack } from "./fall-back.ts";
import type { Libraries } from "./libraries.ts";
import { makeGrant } from "./make-grant.ts";
import { obeySigned } from "./obey-signed.ts";
import { refuse, type Outcome } from "./outcome.ts";
import { payOut } from "./pay-out.ts";
import { readMeter } from "./read-meter.ts";
import { registerParty } from "./register-party.ts";
import { replaceTender } from "./replace-tender.ts";
import { reportDelivery } from "./report-delivery.ts";
import { revokeGrant } from "./revoke-grant.ts";
import { revokeKey } from "./revoke-key.ts";
import { rotateKey } from "./rotate-key.ts";
import { obeySession } from "./session/obey-session.ts";
import { setCreditLine } from "./set-credit-line.ts";
import { setStanding } from "./set-standing.ts";
import { setTariff } from "./set-tariff.ts";
import { setTie } from "./set-tie.ts";
import { settleTie } from "./settle-tie.ts";
import type { State } from "./state.ts";
import { submitPosition } from "./submit-position.ts";
import { submitTender } from "./submit-tender.ts";
import { submitTenders } from "./submit-tenders.ts";

/** Time as the node sees it: never before what it has seen. */
export function effectiveAt(last: InstantMs, at: InstantMs): InstantMs {
  return greatest(last, at);
}

/**
 * Obeys `command` at `at`, or refuses it. In a signed market what comes without an envelope is UNSIGNED, but for what the
 * node itself derives from its clock and its journal.
 *
 * @param verify the arithmetic of signatures, as `sha256` is that of hashes; the answer does not depend on whose they are
 */
export function apply(
  state: State,
  command: Command,
  at: InstantMs,
  verify: Verify = verifyInJavaScript,
  sha256: Sha256 = sha256InJavaScript,
): Outcome {
  const now = effectiveAt(state.at, at);
  const outcome = admitAndObey(state, command, now, { verify, sha256 });
  if (outcome.ok) state.at = now;
  return outcome;
}

function admitAndObey(state: State, command: Command, now: InstantMs, libraries: Required<Libraries>): Outcome {
  if (command.type === "Signed") return obeySigned(state, command, now, libraries.verify, obey);
  if (!isBare(command)) return obeySession(state, command, now, libraries, obey);
  if (state.rules.identity === "signed" && !isDerived(command))
    return refuse({ code: "UNSIGNED", command: command.type });
  return obey(state, command, now);
}

function obey(state: State, command: BareCommand, now: InstantMs): Outcome {
  switch (command.type) {
    case "RegisterParty":
      return registerParty(state, command);
    case "CreditAccount":
      return creditAccount(state, command);
    case "PayOut":
      return payOut(state, command);
    case "SetCreditLine":
      return setCreditLine(state, command);
    case "SetTariff":
      return setTariff(state, command);
    case "SetTie":
      return setTie(state, command);
    case "SubmitTender":
      return submitTender(state, command, now);
    case "CancelTender":
      return cancelTender(state, command, now);
    case "ReplaceTender":
      return replaceTender(state, command, now);
    case "SubmitTenders":
      return submitTenders(state, command, now);
    case "CancelTenders":
      return cancelTenders(state, command, now);
    case "SubmitPosition":
      return submitPosition(state, command, now);
    case "CloseGate":
      return closeGate(state, command, now);
    case "ApplyAward":
      return applyAward(state, command, now);
    case "SettleTie":
      return settleTie(state, command, now);
    case "FallBack":
      return fallBack(state, command, now);
    case "ReportDelivery":
      return reportDelivery(state, command, now);
    case "ReadMeter":
      return readMeter(state, command, now);
    case "EstimateDeliveries":
      return estimateDeliveries(state, command, now);
    case "EnrolKey":
      return enrolKey(state, command);
    case "RotateKey":
      return rotateKey(state, command);
    case "RevokeKey":
      return revokeKey(state, command, now);
    case "SetStanding":
      return setStanding(state, command, now);
    case "MakeGrant":
      return makeGrant(state, command);
    case "RevokeGrant":
      return revokeGrant(state, command, now);
    default:
      return unreachable(command);
  }
}
