/** Entry of the `micromarket` command. */
import { processConsole } from "./console-port.ts";
import { runProgram } from "./program.ts";

// who reads `| head` has had enough: that is no failure of ours
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});

process.exitCode = await runProgram(process.argv.slice(2), processConsole());
