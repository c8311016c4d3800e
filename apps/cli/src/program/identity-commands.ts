/** `micromarket identity`: commands on secret keys. They are loaded when called. */
import type { Command } from "commander";
import type { IdentityOptions } from "../commands/identity.ts";
import type { ConsolePort } from "../console-port.ts";
import type { ExitCode } from "../exit-code.ts";

const JSON_OPTION = "data on standard output as JSON, problems on standard error as JSON";
const QUIET_OPTION = "no banner, no progress";

/** `identity show`, `new`. */
export function addIdentityCommands(program: Command, port: ConsolePort, finish: (code: ExitCode) => void): void {
  const group = program
    .command("identity")
    .summary("keys that sign")
    .description("Says whose a secret key is, and makes new ones. A secret is never printed.");
  group
    .command("show")
    .summary("the did:key of a key file")
    .description(
      "Prints the public key of the secret in FILE, as others have to know it; a gateway's is data/gateway.key.",
    )
    .argument("<file>", "key file")
    .option("--json", JSON_OPTION)
    .option("--quiet", QUIET_OPTION)
    .addHelpText("after", "\nExample:\n  $ micromarket identity show data/gateway.key\n")
    .action(async (file: string, options: IdentityOptions) => {
      const { identityShow } = await import("../commands/identity.ts");
      finish(identityShow(file, options, port));
    });
  group
    .command("new")
    .summary("draw a secret key")
    .description(
      "Draws a secret key into FILE, readable by its owner alone (mode 0600), and prints its did:key. A file that is there\n" +
        "is left alone: exit 1.",
    )
    .argument("<file>", "key file to make")
    .option("--json", JSON_OPTION)
    .option("--quiet", QUIET_OPTION)
    .addHelpText("after", "\nExample:\n  $ micromarket identity new owner.key\n")
    .action(async (file: string, options: IdentityOptions) => {
      const { identityNew } = await import("../commands/identity.ts");
      finish(identityNew(file, options, port));
    });
}
