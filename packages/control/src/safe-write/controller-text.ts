/**
 * A controller as canonical text, and back: it outlives the gateway's process, so that its own value is never taken for
 * somebody else's after a restart, and a stop that was latched stays latched.
 */
import {
  canonicalText,
  decodeAs,
  decodeBoolean,
  decodeCanonical,
  decodeInteger,
  decodeNullable,
  decodeObject,
  decodeOneOf,
  decodeText,
  instantMs,
  ok,
  type DecodeFailure,
  type Decoder,
  type Result,
} from "@micromarket/kernel";
import type { Controller } from "./controller.ts";

const instant = decodeAs(decodeInteger, instantMs);
const attempt = {
  value: decodeInteger,
  purpose: decodeOneOf("hold", "release", "emergency"),
  number: decodeInteger,
  seen: decodeNullable(decodeInteger),
  sentAt: instant,
};
const look = { token: decodeNullable(decodeInteger), nextAt: instant, deadline: instant };
const phases: Readonly<Record<Controller["phase"]["kind"], Decoder<Controller["phase"]>>> = {
  resting: decodeObject({ kind: decodeOneOf("resting") }),
  reading: decodeObject({ kind: decodeOneOf("reading"), token: decodeInteger }),
  writing: decodeObject({ kind: decodeOneOf("writing"), token: decodeInteger, ...attempt }),
  verifying: decodeObject({ kind: decodeOneOf("verifying"), ...look, ...attempt }),
  restoring: decodeObject({ kind: decodeOneOf("restoring"), token: decodeInteger }),
  "checking-release": decodeObject({ kind: decodeOneOf("checking-release"), ...look }),
};
const decodePhase: Decoder<Controller["phase"]> = (value, path) => {
  const kind = Object.entries(phases).find(([name]) => isObject(value) && value["kind"] === name);
  return (kind?.[1] ?? phases.resting)(value, path);
};
const decodeHold = decodeObject({
  snapshot: decodeText,
  foundValue: decodeInteger,
  foundIsActive: decodeNullable(decodeBoolean),
  bound: decodeNullable(decodeInteger),
  held: decodeNullable(decodeInteger),
  writtenAt: decodeNullable(instant),
  sent: decodeNullable(decodeInteger),
  mustRead: decodeBoolean,
  checkedAt: instant,
  effect: decodeNullable(decodeObject({ since: instant, dueAt: instant, misses: decodeInteger })),
});
const decodeController: Decoder<Controller> = decodeObject({
  wanted: decodeNullable(decodeInteger),
  isStopped: decodeBoolean,
  isPresent: decodeBoolean,
  hold: decodeNullable(decodeHold),
  phase: decodePhase,
  count: decodeObject({ day: decodeInteger, writes: decodeInteger }),
  takings: decodeObject({ day: decodeInteger, count: decodeInteger }),
  lastWrite: decodeNullable(decodeObject({ value: decodeNullable(decodeInteger), at: instant })),
  retryAt: decodeNullable(instant),
  failures: decodeInteger,
  backOffUntil: decodeNullable(instant),
  nextToken: decodeInteger,
  told: decodeNullable(decodeText),
});

/** The canonical text of a controller. */
export function controllerText(controller: Controller): string {
  const { hold, phase, count, takings, lastWrite, ...rest } = controller;
  return canonicalText({
    ...rest,
    hold: hold === null ? null : { ...hold, effect: hold.effect === null ? null : { ...hold.effect } },
    phase: { ...phase },
    count: { ...count },
    takings: { ...takings },
    lastWrite: lastWrite === null ? null : { ...lastWrite },
  });
}

/**
 * The controller of `controllerText`, as it goes on after a restart: what was in flight is not awaited, its value may have
 * arrived, and the device is read before anything else. Wanted is what was wanted; the runner says anew if it still is.
 */
export function resumeController(text: string): Result<Controller, DecodeFailure> {
  const decoded = decodeCanonical(text, decodeController, controllerText);
  if (!decoded.ok) return decoded;
  const { hold } = decoded.value;
  return ok({
    ...decoded.value,
    phase: { kind: "resting" },
    hold: hold === null ? null : { ...hold, mustRead: true },
    isPresent: true,
    retryAt: null,
    failures: 0,
    told: null,
  });
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
