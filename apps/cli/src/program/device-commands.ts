/** `micromarket device`: to look for devices, read them, and try what they can be told. Loaded when they are called. */
import { InvalidArgumentError, Option, type Command } from "commander";
import type { DeviceWatchOptions } from "../commands/device-watch.ts";
import type { ConsolePort } from "../console-port.ts";
import type { DeviceOptions } from "../device/with-device.ts";
import type { ExitCode } from "../exit-code.ts";
import { integerOption, JSON_OPTION, QUIET_OPTION } from "./options.ts";

type Finish = (code: ExitCode) => void;

/** `read`, `watch`. */
export function addDeviceCommands(program: Command, port: ConsolePort, finish: Finish): void {
  const device = program
    .command("device")
    .summary("commission devices: scan, read, watch, set, prove-reversion, compare")
    .description(
      "Looks for devices, reads them, and tries what they can be told, step by step. Only `set`, `release` and\n" +
        "`prove-reversion` write, and only with --confirm.",
    );
  addRead(device, port, finish);
  addWatch(device, port, finish);
}

const WHERE_HELP =
  "\nThe device is one of a gateway file (--config FILE DEVICE), or is described here: --host H --profile NAME, --serial\n" +
  "PATH --profile NAME, or --broker URL --id ID --profile NAME.\n";

function addRead(device: Command, port: ConsolePort, finish: Finish): void {
  withPlace(device.command("read"))
    .summary("read all points of a device once")
    .description("Reads all points once: values in the usual units, missing ones with the reason, how counters count.")
    .argument("[device]", "name of the device in the gateway file")
    .addHelpText("after", `${WHERE_HELP}\nExample:\n  $ micromarket device read --config gateway.yaml meter-1\n`)
    .action(async (name: string | undefined, options: DeviceOptions) => {
      const { deviceRead } = await import("../commands/device-read.ts");
      finish(await deviceRead(name ?? null, options, port));
    });
}

function addWatch(device: Command, port: ConsolePort, finish: Finish): void {
  withPlace(device.command("watch"))
    .summary("read a device again and again")
    .description(
      "Shows values, changes and the power behind a counter's growth, until Ctrl-C; as lines where it is piped.",
    )
    .argument("[device]", "name of the device in the gateway file")
    .addOption(durationOption("--every <time>", "between two looks").default(2_000, "2s"))
    .addOption(durationOption("--for <time>", "end after so long"))
    .addHelpText(
      "after",
      `${WHERE_HELP}\nExample:\n  $ micromarket device watch --host 192.0.2.7 --profile eastron-sdm630\n`,
    )
    .action(async (name: string | undefined, options: DeviceWatchOptions) => {
      const { deviceWatch } = await import("../commands/device-watch.ts");
      finish(await deviceWatch(name ?? null, options, port));
    });
}

/** The options that say where the device is, and how long to wait for it. */
function withPlace(command: Command): Command {
  return command
    .option("--config <file>", "gateway file (YAML) that names the device")
    .option("--host <name>", "host of a Modbus device or of its gateway")
    .addOption(integerOption("--port <number>", "its port; the profile's, or 502", 1, 65_535))
    .addOption(new Option("--framing <kind>", "tcp unless it is said").choices(["tcp", "rtu-over-tcp"]))
    .option("--serial <path>", "serial line of this machine")
    .addOption(integerOption("--baud <number>", "its speed; the profile's, or 9600", 300, 4_000_000))
    .addOption(new Option("--parity <kind>", "none unless it is said").choices(["none", "even", "odd"]))
    .addOption(integerOption("--unit <number>", "Modbus unit; the profile's unless it is said", 1, 247))
    .addOption(integerOption("--subdevice <number>", "which SunSpec device of its kind behind the unit", 0, 9))
    .option("--broker <url>", "MQTT broker, as mqtt://127.0.0.1:1883")
    .option("--username <name>", "user at the broker")
    .option("--password <reference>", "${env:NAME} or file:PATH of the password at the broker")
    .option("--id <id>", "what stands for {id} in the profile's topics")
    .option("--profile <name>", "profile that ships with this program, or path of one that ends in .yaml")
    .option("--param <name=value>", "parameter of the profile; may be repeated", collect)
    .addOption(integerOption("--timeout <seconds>", "how long to wait for an answer", 1, 600).default(10))
    .option("--json", JSON_OPTION)
    .option("--quiet", QUIET_OPTION);
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

const MILLISECONDS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
const LONGEST_MS = 30 * 24 * 3_600_000;

/** An option that takes a length of time such as `500ms`, `30s`, `5m`, `2h`; milliseconds. */
function durationOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser((text: string) => {
    const [, number = "", unit = ""] = /^(\d{1,9})(ms|s|m|h)$/.exec(text) ?? [];
    const length = Number(number) * (MILLISECONDS[unit] ?? 0);
    if (length > 0 && length <= LONGEST_MS) return length;
    throw new InvalidArgumentError("Write a length of time such as 500ms, 30s, 5m or 2h.");
  });
}
