/** A network that does everything wrong, frame by frame: what is done is drawn from a stream. */
import type { RandomStream } from "@micromarket/kernel";
import type { Link, LinkPlan } from "../../../packages/client/test/socket-proxy.ts";

/** What became of the frames. */
export interface Mischief {
  lost: number;
  doubled: number;
  swapped: number;
  delayed: number;
}

/** Hello and sign-in pass, or nothing would ever begin. */
const FIRST_FRAMES = 4;
const PER_THOUSAND = { lost: 4, doubled: 10, swapped: 10, delayed: 10 };
const DELAY_MS = { least: 5, more: 40 };
const THOUSAND = 1_000;

/** Loses, doubles, swaps and delays frames of either direction while `isOn`. */
export function storm(stream: RandomStream, done: Mischief, isOn: () => boolean): (link: Link) => LinkPlan {
  return (link) => ({
    fromClient: way(link.toServer, stream, done, isOn),
    fromServer: way(link.toClient, stream, done, isOn),
  });
}

type Send = (data: string | Buffer) => void;

function way(send: Send, stream: RandomStream, done: Mischief, isOn: () => boolean): Send {
  const queue: (string | Buffer)[] = [];
  let held: "no" | "swap" | "delay" = "no";
  let frames = 0;
  const flush = (): void => {
    held = "no";
    for (const data of queue.splice(0)) send(data);
  };
  const hold = (how: "swap" | "delay"): void => {
    if (held !== "no") return;
    held = how;
    setTimeout(flush, DELAY_MS.least + stream.below(DELAY_MS.more));
  };
  return (data) => {
    frames += 1;
    const fate = frames <= FIRST_FRAMES || !isOn() ? "passes" : fateOf(stream.below(THOUSAND));
    if (fate === "lost") return void (done.lost += 1);
    if (held === "swap") {
      done.swapped += 1;
      queue.unshift(data);
      return flush();
    }
    queue.push(data);
    if (fate === "doubled") {
      done.doubled += 1;
      queue.push(data);
    } else if (fate === "swapped") hold("swap");
    else if (fate === "delayed") {
      done.delayed += 1;
      hold("delay");
    }
    if (held === "no") flush();
  };
}

/** What is drawn for a frame. */
function fateOf(draw: number): keyof Mischief | "passes" {
  let left = draw;
  for (const [fate, share] of Object.entries(PER_THOUSAND) as [keyof Mischief, number][]) {
    if (left < share) return fate;
    left -= share;
  }
  return "passes";
}
