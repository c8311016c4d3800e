/** The outside of the command: streams and files, so that a test can run it in its own process. */
import { text as readAll } from "node:stream/consumers";

/** Where a command reads and writes. Data goes to `out`, everything said to a person to `err`. */
export interface ConsolePort {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Whether `err` is a terminal on which a line may be overwritten. */
  readonly interactive: boolean;
  /** All of standard input. */
  readonly readStandardInput: () => Promise<string>;
}

/** The real streams of the process. */
export function processConsole(): ConsolePort {
  return {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    interactive: process.stderr.isTTY,
    readStandardInput: () => readAll(process.stdin),
  };
}
