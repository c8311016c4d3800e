/**
 * The market node as one function: (state, command, at) → events, or a refusal that changes nothing.
 *
 * The state is changed in place. Equal states and commands give equal events and states, on every machine: nothing but
 * the arguments is looked at. An exception is a bug, and the state is unknown after it.
 */
import { greatest, unreachable, type InstantMs } from "@micromarket/kernel";
import { applyAward } from "./apply-award.ts";
import { cancelTender } from "./cancel-tender.ts";
import { closeGate } from "./close-gate.ts";
import type { Command } from "./command.ts";
import { creditAccount } from "./credit-account.ts";
import { estimateDeliveries } from "./estimate-deliveries.ts";
import { fallBack } from "./fall-back.ts";
import type { Outcome } from "./outcome.ts";
import { payOut } from "./pay-out.ts";
import { readMeter } from "./read-meter.ts";
import { registerParty } from "./register-party.ts";
import { reportDelivery } from "./report-delivery.ts";
import { setCreditLine } from "./set-credit-line.ts";
import { setTariff } from "./set-tariff.ts";
import { setTie } from "./set-tie.ts";
import type { State } from "./state.ts";
import { submitPosition } from "./submit-position.ts";
import { submitTender } from "./submit-tender.ts";

/** Time as the node sees it: never before what it has seen. */
export function effectiveAt(last: InstantMs, at: InstantMs): InstantMs {
  return greatest(last, at);
}

/** Obeys `command` at `at`, or refuses it. */
export function apply(state: State, command: Command, at: InstantMs): Outcome {
  const now = effectiveAt(state.at, at);
  const outcome = obey(state, command, now);
  if (outcome.ok) state.at = now;
  return outcome;
}

function obey(state: State, command: Command, now: InstantMs): Outcome {
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
    case "SubmitPosition":
      return submitPosition(state, command, now);
    case "CloseGate":
      return closeGate(state, command, now);
    case "ApplyAward":
      return applyAward(state, command, now);
    case "FallBack":
      return fallBack(state, command, now);
    case "ReportDelivery":
      return reportDelivery(state, command, now);
    case "ReadMeter":
      return readMeter(state, command, now);
    case "EstimateDeliveries":
      return estimateDeliveries(state, command, now);
    default:
      return unreachable(command);
  }
}
