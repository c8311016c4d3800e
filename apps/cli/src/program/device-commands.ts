/** `micromarket device`: to look for devices, read them, and try what they can be told. Loaded when they are called. */
import { InvalidArgumentError, Option, type Command } from "commander";
import type { DeviceCompareOptions } from "../commands/device-compare.ts";
import type { ProveReversionOptions } from "../commands/device-prove-reversion.ts";
import type { DeviceReleaseOptions } from "../commands/device-release.ts";
import type { DeviceScanOptions } from "../commands/device-scan.ts";
import type { DeviceSetOptions } from "../commands/device-set.ts";
import type { DeviceWatchOptions } from "../commands/device-watch.ts";
import type { ConsolePort } from "../console-port.ts";
import type { DeviceOptions } from "../device/with-device.ts";
import type { ExitCode } from "../exit-code.ts";
import { integerOption, JSON_OPTION, QUIET_OPTION } from "./options.ts";

type Finish = (code: ExitCode) => void;

/** All of them. */
export function addDeviceCommands(program: Command, port: ConsolePort, finish: Finish): void {
  const device = program
    .command("device")
    .summary("commission devices: scan, read, watch, set, prove-reversion, compare")
    .description(
      "Looks for devices, reads them, and tries what they can be told, step by step. Only `set`, `release` and\n" +
        "`prove-reversion` write, and only with --confirm.",
    );
  addScan(device, port, finish);
  addRead(device, port, finish);
  addWatch(device, port, finish);
  addSet(device, port, finish);
  addRelease(device, port, finish);
  addProveReversion(device, port, finish);
  addCompare(device, port, finish);
}

const WHERE_HELP =
  "\nThe device is one of a gateway file (--config FILE DEVICE), or is described here: --host H --profile NAME, --serial\n" +
  "PATH --profile NAME, or --broker URL --id ID --profile NAME.\n";

function addScan(device: Command, port: ConsolePort, finish: Finish): void {
  withCertificates(device.command("scan"))
    .summary("look for devices on hosts, a serial line or at a broker")
    .description(
      "Says what answers, which profiles fit it and how well they are known, what an installer must do, and what to write\n" +
        "into the gateway file. Only reads. Stop a gateway that uses the device: many serve one client only.",
    )
    .addOption(new Option("--host <names>", "hosts, with commas between them").argParser(listOf))
    .addOption(
      new Option("--ports <numbers>", "ports of each host; 502,1502, or 802 in TLS").argParser(integersTo(65_535)),
    )
    .addOption(new Option("--framing <kind>", "of the hosts").choices(["tcp", "rtu-over-tcp"]).default("tcp"))
    .option("--serial <path>", "serial line of this machine")
    .addOption(
      new Option("--baud <numbers>", "speeds to try").argParser(integersTo(4_000_000)).default([9_600], "9600"),
    )
    .addOption(new Option("--parity <kind>", "of the serial line").choices(["none", "even", "odd"]).default("none"))
    .addOption(
      new Option("--units <list>", "units to try, as 1-247 or 1,3,126; the profiles' unless it is said").argParser(
        integersTo(247),
      ),
    )
    .addOption(durationOption("--wait <time>", "for each answer").default(500, "500ms"))
    .option("--broker <url>", "MQTT broker to listen at, as mqtt://127.0.0.1:1883")
    .option("--username <name>", "user at the broker")
    .option("--password-variable <name>", "variable of the environment that holds the password")
    .addOption(durationOption("--for <time>", "how long to listen at the broker").default(30_000, "30s"))
    .option("--json", JSON_OPTION)
    .option("--quiet", QUIET_OPTION)
    .addHelpText(
      "after",
      "\nExit codes: 0 something answers, 1 nothing, 3 a broker or certificate cannot be used, 130 ended early, with what was found.\n" +
        "\nExamples:\n  $ micromarket device scan --host 192.0.2.7,192.0.2.8\n" +
        "  $ micromarket device scan --serial /dev/ttyUSB0 --baud 9600,19200 --units 1-247\n" +
        "  $ micromarket device scan --host 192.0.2.7 --tls-ca ca.pem --tls-certificate own.pem --tls-key own.key\n" +
        "  $ micromarket device scan --broker mqtt://127.0.0.1:1883 --for 60s\n",
    )
    .action(async (options: DeviceScanOptions) => {
      const { deviceScan } = await import("../commands/device-scan.ts");
      finish(await deviceScan(options, port));
    });
}

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

function addSet(device: Command, port: ConsolePort, finish: Finish): void {
  withLocks(withPlace(device.command("set")))
    .summary("tell a device a value for a while, then give it back")
    .description(
      "Reads what the device holds, keeps that on disk, writes the value, reads it back, looks at its effect, keeps it up\n" +
        "and gives the device back at the end, on Ctrl-C too. Without --confirm it only says what it would write.",
    )
    .argument("<words...>", "[DEVICE] CAPABILITY VALUE; VALUE as 50%, 3kW, 16A, on, or a whole number")
    .addOption(durationOption("--for <time>", "how long the value is held").default(60_000, "60s"))
    .addHelpText(
      "after",
      `${WHERE_HELP}A file's device needs control: { enabled: true } in the file, and the capability in the device's control: [..].\n` +
        "Exit codes: 0 held and given back, 1 not, 3 refused (no lock opened, a gateway runs), 130 given back after Ctrl-C.\n" +
        "\nExample:\n  $ micromarket device set --config gateway.yaml roof limit_generation_ppm 50% --for 60s --confirm\n" +
        "  $ micromarket device set --config gateway.yaml battery setpoint_power_w --confirm -- -500\n",
    )
    .action(async (words: readonly string[], options: DeviceSetOptions) => {
      const [value = "", capability = "", name = null, ...more] = [...words].reverse();
      if (words.length < 2 || more.length > 0) throw new InvalidArgumentError("Write [DEVICE] CAPABILITY VALUE.");
      const { deviceSet } = await import("../commands/device-set.ts");
      finish(await deviceSet({ device: name, capability, value }, options, port));
    });
}

function addRelease(device: Command, port: ConsolePort, finish: Finish): void {
  withLocks(withPlace(device.command("release")))
    .summary("give back what a crash left in a device")
    .description(
      "Puts back what a device held before a command, or a gateway, that did not end well. --confirm writes.",
    )
    .argument("[device]", "name of the device in the gateway file")
    .addHelpText(
      "after",
      `${WHERE_HELP}\nExample:\n  $ micromarket device release --config gateway.yaml roof --confirm\n`,
    )
    .action(async (name: string | undefined, options: DeviceReleaseOptions) => {
      const { deviceRelease } = await import("../commands/device-release.ts");
      finish(await deviceRelease(name ?? null, options, port));
    });
}

function addProveReversion(device: Command, port: ConsolePort, finish: Finish): void {
  withLocks(withPlace(device.command("prove-reversion")))
    .summary("measure how soon a device lets go when nobody speaks to it")
    .description(
      "Writes a harmless value, refreshes it no more, looks once a second, and says when the device let go and what it fell\n" +
        "back to. The result is kept in reversions.json of the data folder. Always gives back.",
    )
    .argument("<words...>", "[DEVICE] CAPABILITY")
    .option("--value <value>", "what is written; nine tenths of the limit that the device holds, where it is one")
    .addHelpText(
      "after",
      `${WHERE_HELP}Exit codes: 0 proven, 1 failed, 3 refused, 4 not reverted in twice the time or to something else, 130.\n` +
        "\nExample:\n  $ micromarket device prove-reversion --config gateway.yaml roof limit_generation_ppm --confirm\n",
    )
    .action(async (words: readonly string[], options: ProveReversionOptions) => {
      const [capability = "", name = null, ...more] = [...words].reverse();
      if (more.length > 0) throw new InvalidArgumentError("Write [DEVICE] CAPABILITY.");
      const { deviceProveReversion } = await import("../commands/device-prove-reversion.ts");
      finish(await deviceProveReversion(name, capability, options, port));
    });
}

function addCompare(device: Command, port: ConsolePort, finish: Finish): void {
  withPlace(device.command("compare"))
    .summary("hold a device's counters against another meter of the same flow")
    .description(
      "Compares how the counters of two devices grow, or those of one device and a display that you read off: the first\n" +
        "--reading is kept, the next one is compared. Says whether power and counters agree, and what to look at.",
    )
    .argument("[device]", "name of the device in the gateway file")
    .option("--against <device>", "another device of the same gateway file")
    .option("--reading <text>", "what the display shows now, as imported=12345.6kWh,exported=99.1kWh")
    .option("--restart", "keep this --reading as a new first one")
    .option("--state <folder>", "where the first reading is kept; the gateway's data folder, or the user's state")
    .addOption(durationOption("--for <time>", "how long two devices are watched").default(900_000, "15m"))
    .addOption(durationOption("--every <time>", "between two looks").default(2_000, "2s"))
    .addOption(new Option("--tolerance <percent>", "what may be missing").argParser(percent).default(20_000, "2"))
    .addHelpText(
      "after",
      `${WHERE_HELP}Exit codes: 0 they agree, 1 too little flowed or no answer, 3 refused, 4 they differ.\n` +
        "\nExamples:\n  $ micromarket device compare --config gateway.yaml grid --against utility --for 1h\n" +
        "  $ micromarket device compare --config gateway.yaml grid --reading imported=12345.6kWh,exported=99.1kWh\n",
    )
    .action(async (name: string | undefined, { tolerance, ...options }: CompareWords) => {
      const { deviceCompare } = await import("../commands/device-compare.ts");
      finish(await deviceCompare(name ?? null, { ...options, tolerancePpm: tolerance }, port));
    });
}

type CompareWords = Omit<DeviceCompareOptions, "tolerancePpm"> & { readonly tolerance: number };

/** Parts per million of a percentage above 0 and up to 100. */
function percent(text: string): number {
  const ppm = /^\d{1,3}(?:\.\d{1,4})?$/.test(text) ? Math.round(Number(text) * 10_000) : 0;
  if (ppm > 0 && ppm <= 1_000_000) return ppm;
  throw new InvalidArgumentError("Write a percentage such as 2 or 0.5.");
}

/** The options that open a device to be written to. */
function withLocks(command: Command): Command {
  return command
    .option("--confirm", "write; without it nothing is written")
    .option("--unlock <capability>", "open it for a device that no file names; may be repeated", collect)
    .option("--state <folder>", "where what the device held is kept; the gateway's data folder, or the user's state");
}

/** The options that name certificates: for Modbus in TLS, and for brokers. */
function withCertificates(command: Command): Command {
  return command
    .option("--tls-ca <file>", "PEM file of the authority that signed the other end's certificate")
    .option("--tls-certificate <file>", "PEM file of the certificate that this end shows")
    .option("--tls-key <file>", "PEM file of its key")
    .option("--tls-server-name <name>", "name in the other end's certificate; its host unless it is said");
}

/** The options that say where the device is, and how long to wait for it. */
function withPlace(command: Command): Command {
  return withCertificates(command)
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

function listOf(text: string): readonly string[] {
  const names = [...new Set(text.split(",").map((name) => name.trim()))].filter((name) => name !== "");
  if (names.length > 0 && names.length <= 64) return names;
  throw new InvalidArgumentError("Write 1 to 64 hosts with commas between them.");
}

/** Reads `1,3,7-9`: integers from 1 to `most`, each once. */
function integersTo(most: number): (text: string) => readonly number[] {
  return (text) => {
    const parts = text.split(",").map((part) => /^(\d{1,7})(?:-(\d{1,7}))?$/.exec(part.trim()));
    const ranges = parts.map((part) => [Number(part?.[1]), Number(part?.[2] ?? part?.[1])] as const);
    const isRight = ranges.every(([low, high]) => low >= 1 && low <= high && high <= most && high - low < 1_000);
    if (!isRight) throw new InvalidArgumentError(`Write numbers from 1 to ${most} such as 1,3 or 1-9.`);
    return [...new Set(ranges.flatMap(([low, high]) => Array.from({ length: high - low + 1 }, (_, at) => low + at)))];
  };
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
