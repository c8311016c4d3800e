/** A desk whose commands go out signed: the house's own agents pass the gate that everybody passes. */
import type { Command } from "@micromarket/engine";
import type { Desk } from "./desk.ts";

/** `desk`, with each command put into its envelope by `sign` before it is submitted. */
export function signingDesk(desk: Desk, sign: (command: Command) => Command): Desk {
  return {
    get state() {
      return desk.state;
    },
    submit: (commands) => desk.submit(commands.map(sign)),
    close: () => desk.close(),
  };
}
