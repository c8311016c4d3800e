/**
 * A device profile, ready to read messages with: parameters filled in, units turned into powers of ten.
 *
 * Invariants: every topic template has `{id}` at most once and is a topic name once it is filled; no two of its topics are
 * equal; no point is read from two topics; every counter says what it counts and how finely; every control says where the
 * device tells what it holds.
 */
import type { DurationMs } from "@micromarket/kernel";
import type { PointName } from "@micromarket/assets";
import type { Capability, ControlRules } from "@micromarket/control";
import type { CounterFacts, ProfileHead } from "@micromarket/device-profiles";

/** Keys and indices from the root of a JSON value. */
export type JsonPath = readonly (string | number)[];

/** How one value is read from a payload. */
export interface ValueProfile {
  /** Empty where the payload is the number. */
  readonly path: JsonPath;
  /** Which element is meant where the value is a list; `null`: a list is no value. */
  readonly element: number | null;
  /** The number that each of the device's words stands for; `null`: it sends numbers. */
  readonly map: ReadonlyMap<string, string> | null;
  /** The number × 10^pow10 is in the unit of the point's, or the capability's, name. */
  readonly pow10: number;
  readonly sign: "as-is" | "invert";
  /** Plausible values, both ends included. */
  readonly range: readonly [number, number];
  /** Of the message; where the topic is `onChange`, of the device's last sign of life. */
  readonly maxAge: DurationMs;
}

/** How one point is read. */
export interface PointProfile extends ValueProfile {
  readonly point: PointName;
  readonly counter: CounterFacts | null;
}

/** How the messages of one topic are read. */
export interface TopicProfile<Value extends ValueProfile = PointProfile> {
  /** With `{id}` where the device's name stands. */
  readonly topic: string;
  readonly payload: "json" | "number";
  /** An absent point keeps its last reading instead of being not reported. */
  readonly partial: boolean;
  /** What is unchanged is not published again: the last word holds for as long as the device shows that it lives. */
  readonly onChange: boolean;
  /** A message of several points that are all 0 is no reading: what firmware sends before it has heard the meter. */
  readonly allZeroIsMissing: boolean;
  readonly time: { readonly path: JsonPath; readonly format: TimeFormat } | null;
  readonly points: readonly Value[];
}

/** How a message tells its time. ISO 8601 without a zone is no time. */
export type TimeFormat = "unix-s" | "unix-ms" | "iso-8601";

/** Where a device says that it is there. */
export interface AvailabilityProfile {
  readonly topic: string;
  /** `null`: the payload is the word itself. */
  readonly path: JsonPath | null;
  readonly online: string;
  readonly offline: string;
}

/** What is published now and then so that the device speaks, or goes on obeying. */
export interface WakeProfile {
  readonly topic: string;
  /** The first of a connection. */
  readonly payload: string;
  readonly again: string;
  readonly everyMs: number;
}

/** One publication of a write. */
export interface WriteStep {
  readonly topic: string;
  /** With `$value` where the value stands. */
  readonly payload: string;
  /** The value × 10^pow10 × sign is what the device wants; it must come out without rest. */
  readonly pow10: number;
  readonly sign: "as-is" | "invert";
  /** The device's words by value; `null`: it wants numbers. */
  readonly map: ReadonlyMap<number, string> | null;
}

/** A value that a device must tell before it is written to. */
export interface RequirementProfile {
  /** In words for an operator. */
  readonly about: string;
  readonly equals: number;
  readonly source: TopicProfile<ValueProfile>;
}

/** How one capability is written and read back. */
export interface ControlProfile {
  readonly rules: ControlRules;
  readonly write: readonly WriteStep[];
  /** The point that tells the present value, or a topic that tells nothing else. */
  readonly state: PointName | TopicProfile<ValueProfile>;
  /** What must hold, or the device does not obey. */
  readonly requires: readonly RequirementProfile[];
  readonly keep: WakeProfile | null;
}

/** A profile with its parameters filled in. */
export interface DeviceProfile extends ProfileHead {
  readonly availability: AvailabilityProfile | null;
  /** A topic whose messages say nothing but that the device lives. */
  readonly heartbeat: string | null;
  readonly wake: WakeProfile | null;
  readonly topics: readonly TopicProfile[];
  readonly controls: ReadonlyMap<Capability, ControlProfile>;
}

/** Values of a profile's parameters, by name. */
export type ProfileParameters = Readonly<Record<string, string>>;
