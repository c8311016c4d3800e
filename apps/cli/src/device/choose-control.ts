/** The control that a command means. */
import { CAPABILITIES, type Capability } from "@micromarket/control";
import type { Control } from "@micromarket/device-profiles";
import type { DeviceHandle } from "@micromarket/gateway";
import { fail, ok, suggest, type InputProblem, type Result } from "@micromarket/kernel";
import { wrongWords } from "./find-device.ts";

/** The capability called `name`. */
export function capabilityOf(name: string): Result<Capability, InputProblem> {
  const capability = CAPABILITIES.find((each) => each === name);
  if (capability !== undefined) return ok(capability);
  return fail(wrongWords("CAPABILITY_UNKNOWN", `there is no capability "${name}"`, suggest(name, CAPABILITIES)));
}

/** The device's control of that capability. */
export function controlOf(handle: DeviceHandle, capability: Capability): Result<Control, InputProblem> {
  const control = handle.control(capability);
  if (control !== null) return ok(control);
  const what = `the profile ${handle.head.name} has no ${capability}`;
  const mend = `it has ${handle.capabilities.join(", ") || "no controls"}`;
  return fail(wrongWords("CAPABILITY_MISSING", what, mend));
}
