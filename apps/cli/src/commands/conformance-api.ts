/** `micromarket conformance api`: checks a server of the wire protocol, whoever made it. */
import { existsSync, readFileSync } from "node:fs";
import { challengeSigner, type Credential } from "@micromarket/client";
import {
  CHECKS,
  checksNamed,
  runConformance,
  type ConformanceReport,
  type Finding,
} from "@micromarket/client/conformance";
import { pemSigner, type NodeTls } from "@micromarket/client/node";
import { openKeyFile } from "@micromarket/identity-node";
import type { ConsolePort } from "../console-port.ts";
import { EXIT_CODE, type ExitCode } from "../exit-code.ts";
import { watchInterruption } from "../interruption.ts";

/** Options of `micromarket conformance api`. */
export interface ConformanceApiOptions {
  readonly token?: string;
  readonly key?: string;
  readonly certificate?: string;
  readonly certificateKey?: string;
  readonly authority?: string;
  readonly party?: string;
  readonly only?: readonly string[];
  readonly orders: boolean;
  readonly patience: number;
  readonly list?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Exit 0 where everything holds that could be looked at, 1 where something does not, 2 where it was asked wrongly. */
export async function conformanceApi(
  url: string | undefined,
  options: ConformanceApiOptions,
  port: ConsolePort,
): Promise<ExitCode> {
  if (options.list === true) return list(options.json ?? false, port);
  const asked = url === undefined ? "name the server: https://HOST[:PORT]" : faultOfUrl(url);
  if (asked !== null || url === undefined) return usage(asked ?? "", port);
  if (checksNamed(options.only).length === 0)
    return usage(`there is no check ${(options.only ?? []).join(", ")}: --list names them`, port);
  const shown = shownBy(options);
  if (typeof shown === "string") return usage(shown, port);
  const interruption = watchInterruption();
  const stop = new AbortController();
  void interruption.heard().then((isHeard) => {
    if (isHeard) stop.abort();
  });
  try {
    const report = await runConformance({
      ...{ url, ...shown, trades: options.orders, patienceMs: options.patience * 1_000, signal: stop.signal },
      ...(options.party === undefined ? {} : { party: options.party }),
      ...(options.only === undefined ? {} : { only: options.only }),
      onFinding: (finding) => {
        if (options.quiet !== true && options.json !== true) port.out(line(finding));
      },
    });
    return stop.signal.aborted ? EXIT_CODE.interrupted : end(report, options, port);
  } catch (error) {
    port.err(`error: ${url}: ${reasonOf(error)}\n`);
    return EXIT_CODE.failed;
  } finally {
    interruption.stop();
  }
}

function end(report: ConformanceReport, { json, quiet }: ConformanceApiOptions, port: ConsolePort): ExitCode {
  const count = (verdict: Finding["verdict"]): number =>
    report.findings.filter((finding) => finding.verdict === verdict).length;
  const summary = `${count("holds")} hold, ${count("fails")} fail, ${count("skipped")} skipped`;
  if (json === true) port.out(`${JSON.stringify(report, null, 2)}\n`);
  else {
    if (quiet === true) for (const finding of report.findings) if (finding.verdict === "fails") port.out(line(finding));
    port.out(`${summary}\n`);
  }
  return report.holds ? EXIT_CODE.ok : EXIT_CODE.failed;
}

function line({ name, verdict, expected, seen }: Finding): string {
  if (verdict === "holds") return `holds    ${name}\n`;
  if (verdict === "skipped") return `skipped  ${name}: ${seen ?? ""}\n`;
  return `FAILS    ${name}\n           expected: ${expected}\n           seen: ${seen ?? ""}\n`;
}

function list(json: boolean, port: ConsolePort): ExitCode {
  const checks = CHECKS.map(({ name, expects, trades }) => ({ name, expects, trades }));
  if (json) port.out(`${JSON.stringify({ checks }, null, 2)}\n`);
  else for (const { name, expects } of checks) port.out(`${name}: ${expects}\n`);
  return EXIT_CODE.ok;
}

/** What is shown of who asks, or what is wrong with it. */
function shownBy(options: ConformanceApiOptions): { readonly credential: Credential; readonly tls: NodeTls } | string {
  const { token, key, certificate, certificateKey, authority } = options;
  try {
    const tls = {
      ...(certificate === undefined ? {} : { certificate: readFileSync(certificate, "utf8") }),
      ...(certificateKey === undefined ? {} : { key: readFileSync(certificateKey, "utf8") }),
      ...(authority === undefined ? {} : { authority: readFileSync(authority, "utf8") }),
    };
    if (key !== undefined) return { tls, credential: { kind: "challenge", signer: signerIn(key) } };
    if (certificate !== undefined && certificateKey === undefined) return "--certificate needs --certificate-key";
    if (certificate !== undefined) return { tls, credential: { kind: "certificate" } };
    // where neither token nor principals are configured, a server on loopback takes any token for the operator's
    return { tls, credential: { kind: "bearer", token: token ?? "none" } };
  } catch (error) {
    return reasonOf(error);
  }
}

function signerIn(path: string) {
  if (!existsSync(path)) throw new Error(`there is no key at ${path}`);
  const text = readFileSync(path, "utf8");
  if (text.includes("PRIVATE KEY")) return pemSigner(text);
  const opened = openKeyFile(path);
  if (!opened.ok) throw new Error(`the key at ${path} cannot be used: ${opened.error.code}`);
  return challengeSigner(opened.value);
}

function faultOfUrl(url: string): string | null {
  return /^https?:\/\/[^/]+\/?$/.test(url) ? null : `"${url}" is no server: write https://HOST[:PORT]`;
}

function usage(message: string, port: ConsolePort): ExitCode {
  port.err(`error: ${message}\n`);
  return EXIT_CODE.usage;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
