/** Which blocks of a device are due: each class of points is asked for at its own rhythm. */
import type { InstantMs } from "@micromarket/kernel";
import type { DeviceProfile, PollClass } from "./profile.ts";
import { planBlocks, type RegisterBlock } from "./register-block.ts";

/** Polls of the device between two questions of one class; `static` goes by connection and day instead. */
export const POLLS_APART: Readonly<Record<Exclude<PollClass, "static">, number>> = { fast: 1, normal: 3, slow: 30 };
const CLASSES: readonly PollClass[] = ["fast", "normal", "slow", "static"];
const DAY_MS = 86_400_000;

/** A block of points of one class, and what is known of its last question. */
export interface DueBlock {
  readonly block: RegisterBlock;
  readonly poll: PollClass;
  /** The poll at which it was answered, from 1; `null`: it is due. */
  answeredInPoll: number | null;
  answeredAt: InstantMs | null;
}

/** The fewest blocks of each class, all of them due. */
export function planDueBlocks(profile: Pick<DeviceProfile, "points" | "maxRegisters" | "maxGapRegisters">): DueBlock[] {
  return CLASSES.flatMap((poll) => {
    const points = profile.points.filter((point) => point.poll === poll);
    return planBlocks(points, profile).map((block) => dueBlock(block, poll));
  });
}

/** A block that has not been asked for. */
export function dueBlock(block: RegisterBlock, poll: PollClass): DueBlock {
  return { block, poll, answeredInPoll: null, answeredAt: null };
}

/** Whether a block is asked for in the poll of number `inPoll`, now. */
export function isDue({ poll, answeredInPoll, answeredAt }: DueBlock, inPoll: number, now: () => InstantMs): boolean {
  if (answeredInPoll === null || answeredAt === null) return true;
  if (poll !== "static") return inPoll - answeredInPoll >= POLLS_APART[poll];
  const ageMs = now() - answeredAt;
  return ageMs >= DAY_MS || ageMs < 0;
}
