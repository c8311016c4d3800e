import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "@jest/globals";
import { instantMs } from "@micromarket/kernel";
import { RevocationsUnreadable, revocationFile } from "../src/revocation-file.ts";

const folder = mkdtempSync(join(tmpdir(), "revocations-"));
const path = join(folder, "revoked-principals.json");
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => rmSync(path, { force: true }));

const REVOKED = [{ id: "bot", at: instantMs(1_800_000_000_000), by: "operator: Ann" }];

describe("the file of who was revoked", () => {
  test("says what was saved last, to its owner alone, and leaves no draft", () => {
    const file = revocationFile(path);
    expect(file.load()).toEqual([]);
    file.save([{ id: "other", at: instantMs(1), by: "operator" }]);
    file.save(REVOKED);
    expect(revocationFile(path).load()).toEqual(REVOKED);
    expect([statSync(path).mode & 0o777, existsSync(`${path}.new`)]).toEqual([0o600, false]);
    file.save([]);
    expect(revocationFile(path).load()).toEqual([]);
  });

  test.each(["", "{", "[]", `{"version":2,"revoked":[]}`, `{"version":1,"revoked":[{"id":"bot"}]}`, `{"version":1}`])(
    "%j lets nobody in by a guess",
    (text) => {
      writeFileSync(path, text);
      expect(() => revocationFile(path).load()).toThrow(RevocationsUnreadable);
    },
  );

  test("half a write is not seen", () => {
    const file = revocationFile(path);
    file.save(REVOKED);
    writeFileSync(`${path}.new`, '{"version":1,"rev');
    expect(revocationFile(path).load()).toEqual(REVOKED);
    file.save([]);
    expect(JSON.parse(readFileSync(path, "utf8"))).toEqual({ version: 1, revoked: [] });
  });
});
