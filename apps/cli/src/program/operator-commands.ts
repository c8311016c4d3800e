/** Commands that run a microgrid, and look at what it needs. They bring servers and links along, and are loaded when called. */
import { Option, type Command } from "commander";
import type { CheckOptions } from "../commands/check.ts";
import type { DemoOptions } from "../commands/demo.ts";
import type { GatewayCommandOptions } from "../commands/gateway.ts";
import type { InitOptions } from "../commands/init.ts";
import type { ConsolePort } from "../console-port.ts";
import type { ExitCode } from "../exit-code.ts";
import { integerOption, JSON_OPTION, parseSeed, QUIET_OPTION } from "./options.ts";

/** `demo`, `gateway`, `init`, `check`, `doctor`. */
export function addOperatorCommands(program: Command, port: ConsolePort, finish: (code: ExitCode) => void): void {
  addDemo(program, port, finish);
  addGateway(program, port, finish);
  addInit(program, port, finish);
  addCheck(program, port, finish);
  addDoctor(program, port, finish);
}

// The commands from here on bring servers and links along: other commands start faster without them.
function addDemo(program: Command, port: ConsolePort, finish: (code: ExitCode) => void): void {
  program
    .command("demo")
    .summary("run a live street with simulated devices (npm start)")
    .description(
      "Starts simulated meters behind real Modbus TCP and MQTT sockets and a gateway that trades for their homes, on an\n" +
        "accelerated clock, until Ctrl-C. Prints the page's address. The next start goes on where this one stopped.",
    )
    .addOption(integerOption("--port <number>", "port of the page; 0: any free one", 0, 65_535).default(8_642))
    .addOption(
      integerOption("--speed <factor>", "market time in real time; 180: 15 minutes in 5 s", 1, 360).default(180),
    )
    .addOption(integerOption("--homes <number>", "homes of a new street (8)", 2, 246))
    .addOption(new Option("--seed <number>", "seed of a new street (1)").argParser(parseSeed))
    .option("--data <directory>", "where the market is kept (data/demo in the repository)")
    .option("--reset", "begin anew: takes away what an earlier demo left in the data folder")
    .option("--json", JSON_OPTION)
    .option("--quiet", "nothing on standard error but errors")
    .addHelpText(
      "after",
      "\nExit codes: 0 stopped by Ctrl-C or SIGTERM at the end of a slot, 130 stopped at once by a second one, 1 failed,\n" +
        "3 the data folder holds something else.\n\nExamples:\n  $ npm start\n" +
        "  $ npm start -- --homes 20 --seed 7 --data /tmp/street-7 --port 0\n",
    )
    .action(async (options: DemoOptions) => {
      const { demo } = await import("../commands/demo.ts");
      finish(await demo(options, port));
    });
}

function addGateway(program: Command, port: ConsolePort, finish: (code: ExitCode) => void): void {
  program
    .command("gateway")
    .summary("run a microgrid's market node")
    .description("Runs the market node that the configuration file describes, until it is told to stop (Ctrl-C).")
    .requiredOption("--config <file>", "gateway file (YAML)")
    .option("--simulate-devices", "answer for the file's devices with simulated ones, as `init` describes them")
    .option("--allow-control", "let the gateway write to devices; without it everything is read-only")
    .option("--json", "print the address as JSON; the log on standard error is NDJSON in any case")
    .option("--quiet", "log warnings and errors only")
    .addHelpText(
      "after",
      "\nExit codes: 0 stopped, 1 the market could not start or go on, 3 the file is wrong, 130 stopped at once by a second\n" +
        "Ctrl-C. A file or a data folder that is wrong starts no market: the address says what is wrong until Ctrl-C.\n" +
        "\nExample:\n  $ micromarket gateway --config gateway.yaml\n",
    )
    .action(async (options: GatewayCommandOptions) => {
      const { gateway } = await import("../commands/gateway.ts");
      finish(await gateway(options, port));
    });
}

function addInit(program: Command, port: ConsolePort, finish: (code: ExitCode) => void): void {
  program
    .command("init")
    .summary("write a gateway file to start from")
    .description(
      "Writes a commented gateway file, and its schema for editors beside it. It trades as it is, with simulated devices:\n" +
        "put yours in their place one by one.",
    )
    .argument("[target]", "directory, or a file that ends in .yaml", ".")
    .option("--force", "replace files that are there")
    .option("--json", JSON_OPTION)
    .option("--quiet", QUIET_OPTION)
    .addHelpText("after", "\nExample:\n  $ micromarket init my-street\n")
    .action(async (target: string, options: InitOptions) => {
      const { init } = await import("../commands/init.ts");
      finish(init(target, options, port));
    });
}

function addCheck(program: Command, port: ConsolePort, finish: (code: ExitCode) => void): void {
  program
    .command("check")
    .summary("look at a gateway file")
    .description("Says what is wrong with a gateway file, with file:line:column; starts nothing and writes nothing.")
    .argument("<file>", "gateway file (YAML)")
    .option("--devices", "also read every device once; exit 1 when one does not answer")
    .addOption(integerOption("--timeout <seconds>", "how long to wait for a device", 1, 600).default(15))
    .option("--json", JSON_OPTION)
    .option("--quiet", "nothing on standard output but what is wrong")
    .addHelpText("after", "\nExample:\n  $ micromarket check --devices gateway.yaml\n")
    .action(async (file: string, options: CheckOptions) => {
      const { check } = await import("../commands/check.ts");
      finish(await check(file, options, port));
    });
}

function addDoctor(program: Command, port: ConsolePort, finish: (code: ExitCode) => void): void {
  program
    .command("doctor")
    .summary("look at the machine and the installation")
    .description(
      "Says of machine, installation and, with FILE, its data folder, journal and port what is well (ok), what to look at\n" +
        "(warn) and what stands in the way (fail), and how to mend it; exit 1 when anything fails. Changes nothing.",
    )
    .argument("[file]", "gateway file (YAML)")
    .option("--devices", "also read every device of FILE once")
    .addOption(integerOption("--timeout <seconds>", "how long to wait for a device", 1, 600).default(15))
    .option("--json", JSON_OPTION)
    .option("--quiet", "only what is not ok")
    .addHelpText("after", "\nExample:\n  $ micromarket doctor gateway.yaml\n")
    .action(async (file: string | undefined, options: CheckOptions) => {
      const { doctor } = await import("../commands/doctor.ts");
      finish(await doctor(file ?? null, options, port));
    });
}
