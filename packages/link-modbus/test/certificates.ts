/** Certificates of one test run, made by openssl: an authority, and who it signed. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Texts in PEM. */
export interface Certified {
  readonly cert: string;
  readonly key: string;
}

/** Signs certificates; `alternative` is a subjectAltName such as `IP:127.0.0.1`. */
export interface Authority {
  readonly ca: string;
  sign(name: string, alternative?: string): Certified;
}

/** A new authority that nobody else trusts. */
export function authority(name: string): Authority {
  const root = make(name, ["-addext", "basicConstraints=critical,CA:TRUE"]);
  return {
    ca: root.cert,
    sign: (subject, alternative) =>
      make(subject, alternative === undefined ? [] : ["-addext", `subjectAltName=${alternative}`], root),
  };
}

function make(name: string, extensions: readonly string[], signer: Certified | null = null): Certified {
  const folder = mkdtempSync(join(tmpdir(), "micromarket-tls-"));
  const file = (base: string): string => join(folder, base);
  try {
    if (signer !== null) {
      writeFileSync(file("ca.pem"), signer.cert);
      writeFileSync(file("ca.key"), signer.key);
    }
    const signedBy = signer === null ? [] : ["-CA", file("ca.pem"), "-CAkey", file("ca.key")];
    const keys = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", file("own.key")];
    const request = ["req", "-x509", "-days", "2", "-subj", `/CN=${name}`, "-out", file("own.pem")];
    execFileSync("openssl", [...request, ...keys, ...signedBy, ...extensions], { stdio: "pipe" });
    return { cert: readFileSync(file("own.pem"), "utf8"), key: readFileSync(file("own.key"), "utf8") };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
