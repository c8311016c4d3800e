/** Certificates of one test run, made by openssl: authorities, and whom they signed, with any dates. */
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Texts in PEM. */
export interface Certified {
  readonly cert: string;
  readonly key: string;
}

/** What a certificate says. */
export interface Wanted {
  /** E.g. `/O=Utility/CN=bot-1`. */
  readonly subject: string;
  /** E.g. `DNS:bot-1.example,IP:127.0.0.1`. */
  readonly alternative?: string;
  /** Days from now; yesterday to tomorrow by default. */
  readonly days?: readonly [number, number];
  readonly isAuthority?: boolean;
}

/** An authority that nobody else trusts; it is `Certified` by itself, or by another. */
export interface Authority extends Certified {
  readonly sign: (wanted: Wanted) => Certified;
  /** An authority below this one. */
  readonly below: (name: string) => Authority;
}

/** A new authority. */
export function authority(name: string): Authority {
  return authorityOf(issue({ subject: `/CN=${name}`, isAuthority: true }, null));
}

/** A certificate that nobody but itself has signed. */
export function selfSigned(wanted: Wanted): Certified {
  return issue(wanted, null);
}

function authorityOf(own: Certified): Authority {
  return {
    ...own,
    sign: (wanted) => issue(wanted, own),
    below: (name) => authorityOf(issue({ subject: `/CN=${name}`, isAuthority: true }, own)),
  };
}

function issue(wanted: Wanted, signer: Certified | null): Certified {
  const folder = mkdtempSync(join(tmpdir(), "micromarket-ca-"));
  const file = (base: string): string => join(folder, base);
  const openssl = (...args: readonly string[]): void =>
    void execFileSync("openssl", args, { stdio: "pipe", cwd: folder });
  try {
    const keys = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "own.key"];
    openssl("req", "-new", "-subj", wanted.subject, "-out", "own.csr", ...keys);
    writeFileSync(file("ca.pem"), signer?.cert ?? "");
    writeFileSync(file("ca.key"), signer?.key ?? "");
    writeFileSync(file("index.txt"), "");
    writeFileSync(file("serial.txt"), `${randomBytes(8).toString("hex")}\n`);
    writeFileSync(file("ca.cnf"), configuration(wanted));
    const [from, until] = (wanted.days ?? [-1, 1]).map(stamp);
    const by = signer === null ? ["-selfsign", "-keyfile", "own.key"] : ["-cert", "ca.pem", "-keyfile", "ca.key"];
    const dates = ["-startdate", from ?? "", "-enddate", until ?? ""];
    openssl("ca", "-batch", "-config", "ca.cnf", "-notext", "-in", "own.csr", "-out", "own.pem", ...dates, ...by);
    return { cert: readFileSync(file("own.pem"), "utf8"), key: readFileSync(file("own.key"), "utf8") };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function configuration({ alternative, isAuthority = false }: Wanted): string {
  return `[ca]
default_ca = own
[own]
database = index.txt
serial = serial.txt
new_certs_dir = .
default_md = sha256
policy = any
preserve = yes
email_in_dn = no
x509_extensions = extensions
unique_subject = no
[any]
organizationName = optional
commonName = supplied
[extensions]
basicConstraints = critical,CA:${isAuthority ? "TRUE" : "FALSE"}
${alternative === undefined ? "" : `subjectAltName = ${alternative}`}
`;
}

/** YYYYMMDDHHMMSSZ, so many days from now. */
function stamp(days: number): string {
  const at = new Date(Date.now() + days * 86_400_000).toISOString();
  return `${at.slice(0, 19).replaceAll(/[-:T]/g, "")}Z`;
}
