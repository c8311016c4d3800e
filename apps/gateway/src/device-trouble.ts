/** Why a device gives no readings, and what to do about it: the link's failure in the words of somebody on a ladder. */
import type { LinkStatus } from "@micromarket/link-mqtt";
import type { MissingReason } from "@micromarket/kernel";
import type { LineFailure } from "./line-device.ts";

/** What is wrong, and how to mend it. No address: it goes outward. */
export interface DeviceTrouble {
  readonly what: string;
  readonly mend: string;
}

/** Counters that go against the power. */
export const AGAINST_TROUBLE: DeviceTrouble = {
  what: "the counters go against the power: a clamp is turned, or import and export are swapped",
  mend: "mend it; if the counters are right and only power is wrong, write direction: as-is",
};

/** Modbus exceptions of a gateway that does not reach the unit. */
const UNIT_UNREACHED: ReadonlySet<number> = new Set([10, 11]);
const ILLEGAL_ADDRESS = 2;

/** Why the unit `unit` gave no answer. */
export function modbusTrouble(failure: LineFailure, unit: number | string): DeviceTrouble {
  switch (failure.code) {
    case "OFFLINE":
      return modbusTrouble(failure.cause, unit);
    case "CONNECT_FAILED":
      return { what: `no connection: ${failure.detail}`, mend: "check power, network, modbus.host and modbus.port" };
    case "CONNECTION_LOST":
      return { what: `the connection was cut: ${failure.detail}`, mend: "check power and network" };
    case "TIMEOUT":
    case "DEADLINE":
      return { what: `unit ${unit} does not answer`, mend: "check modbus.unit, the wiring and the device's power" };
    case "EXCEPTION":
      return exceptionTrouble(failure.exception, unit);
    case "REPLY_INVALID":
      return { what: `answers that fit no question: ${failure.detail}`, mend: "check modbus.framing and the bus" };
    case "REQUEST_INVALID":
      return { what: failure.detail, mend: "check the profile" };
    case "ANOTHER_DEVICE":
      return { what: `another device: ${failure.detail}`, mend: "check modbus.unit, and that the profile is its own" };
    case "NOT_SUNSPEC":
    case "MAP_INVALID":
      return { what: failure.detail, mend: "check modbus.unit, and that SunSpec is switched on in the device" };
    case "MODEL_MISSING":
      return { what: failure.detail, mend: "check that the profile is for this kind of device" };
    case "MAP_CHANGED":
      return { what: failure.detail, mend: "wait: it is looked at anew" };
    case "LINK_CLOSED":
      return { what: "the link is closed", mend: "start again" };
  }
}

function exceptionTrouble(exception: number, unit: number | string): DeviceTrouble {
  if (UNIT_UNREACHED.has(exception)) {
    return { what: `unit ${unit} is not there (exception ${exception})`, mend: "check modbus.unit and the wiring" };
  }
  const mend = "check that the profile is this device's";
  if (exception === ILLEGAL_ADDRESS) return { what: `unit ${unit} lacks a register (exception 2)`, mend };
  return { what: `unit ${unit} refuses the question (exception ${exception})`, mend };
}

/** Why nothing came under the device's topics. */
export function mqttTrouble({ state, lastFailure, refusedFilters }: LinkStatus): DeviceTrouble {
  if (state !== "connected") {
    const why = lastFailure === null ? "" : `: ${lastFailure}`;
    return { what: `no connection to the broker${why}`, mend: "check the broker, mqtt.broker and mqtt.username" };
  }
  if (refusedFilters.length > 0) {
    return { what: "the broker refuses the subscription", mend: "allow this user to read the device's topics" };
  }
  return { what: "the device publishes nothing", mend: "check its power, mqtt.id and that it is set to publish" };
}

const MENDS: Readonly<Record<MissingReason, string>> = {
  gap: "wait for its next answer",
  "not-a-number": "look at the device's display",
  "out-of-range": "look at the device's display, and check that the profile is this device's",
  stale: "check the device's power and network",
  "device-silent": "check the device's power and network",
  "not-reported": "check that the profile is this device's",
  "not-provided": "use a device that has it",
};

/** A device that answers, but not with what counts. */
export function readingTrouble(point: string, reason: MissingReason): DeviceTrouble {
  return { what: `${point} is missing: ${reason}`, mend: MENDS[reason] };
}
