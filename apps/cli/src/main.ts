/** Entry of the `micromarket` command. */
import { processConsole } from "./console-port.ts";
import { runProgram } from "./program.ts";

process.exitCode = await runProgram(process.argv.slice(2), processConsole());
