import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { checkSignature } from "@micromarket/identity";
import { openKeyFile, verifyByOpenssl } from "@micromarket/identity-node";

let folder = "";
const path = (): string => join(folder, "gateway.key");
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "key-file-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** The key at `path`. */
function opened() {
  const signer = openKeyFile(path());
  if (!signer.ok) throw new Error(JSON.stringify(signer.error));
  return signer.value;
}

describe("openKeyFile", () => {
  test("makes a key that its owner alone can read, and gives the same one from then on", () => {
    const first = opened();
    expect(statSync(path()).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(["gateway.key"]);
    const before = readFileSync(path(), "utf8");
    const message = Buffer.from("now");
    expect(checkSignature(verifyByOpenssl, message, opened().sign(message), first.key)).toMatchObject({ ok: true });
    expect(readFileSync(path(), "utf8")).toBe(before);
    rmSync(path());
    expect(opened().key.did).not.toBe(first.key.did);
  });

  test("a mask that takes more away or less does not matter", () => {
    const before = process.umask(0);
    try {
      opened();
    } finally {
      process.umask(before);
    }
    expect(statSync(path()).mode & 0o777).toBe(0o600);
  });

  test.each([0o640, 0o604, 0o620, 0o666])("refuses a file that others may open: %o", (mode) => {
    opened();
    chmodSync(path(), mode);
    expect(openKeyFile(path())).toMatchObject({
      ok: false,
      error: { code: "KEY_FILE_OPEN_TO_OTHERS", mode: mode.toString(8), mend: expect.stringContaining("chmod 600") },
    });
  });

  test.each([
    "",
    "x",
    `micromarket secp256k1 secret key v1 ${"0".repeat(64)}\n`,
    `micromarket secp256k1 secret key v1 ${"f".repeat(64)}\n`,
  ])("refuses what is no key, and leaves it alone: %j", (text) => {
    writeFileSync(path(), text, { mode: 0o600 });
    expect(openKeyFile(path())).toMatchObject({ ok: false, error: { code: "KEY_FILE_MALFORMED" } });
    expect(readFileSync(path(), "utf8")).toBe(text);
  });

  test("says why it can neither read nor make one", () => {
    expect(openKeyFile(folder)).toMatchObject({ ok: false, error: { code: "KEY_FILE_UNREADABLE" } });
    expect(openKeyFile(join(folder, "none", "x"))).toMatchObject({ ok: false, error: { code: "KEY_FILE_NOT_MADE" } });
    expect(existsSync(join(folder, "none"))).toBe(false);
  });

  test("processes that start together get one key", async () => {
    const source = new URL("../dist/index.js", import.meta.url).href;
    if (!existsSync(new URL("../dist/index.js", import.meta.url))) throw new Error("build first: npm run build");
    const script = [
      `const { openKeyFile } = await import(${JSON.stringify(source)});`,
      `console.log(openKeyFile(${JSON.stringify(path())}).value.key.did)`,
    ].join("\n");
    const dids = await Promise.all(
      Array.from({ length: 6 }, async () => {
        const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
          stdio: ["ignore", "pipe", "inherit"],
        });
        let out = "";
        child.stdout.on("data", (data: Buffer) => (out += data.toString()));
        await once(child, "close");
        return out.trim();
      }),
    );
    expect(new Set(dids).size).toBe(1);
    expect(dids[0]).toBe(opened().key.did);
    expect(readdirSync(folder)).toEqual(["gateway.key"]);
  });
});
