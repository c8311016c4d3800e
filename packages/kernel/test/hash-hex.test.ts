import { describe, expect, test } from "@jest/globals";
import { hashHex, hashOfDigest, hashText, sha256InJavaScript } from "@micromarket/kernel";

describe("hashHex", () => {
  test("takes back what hashText made", () => {
    const hash = hashText("kettle");
    expect(hashHex(`${hash}`)).toBe(hash);
  });

  test.each(["", "00", "A".repeat(64), "g".repeat(64), "0".repeat(65), `${"0".repeat(64)}\n`])("refuses %j", (text) => {
    expect(() => hashHex(text)).toThrow("64 lower-case hexadecimal digits");
  });
});

describe("hashOfDigest", () => {
  test("writes a digest in digits", () => {
    expect(hashOfDigest(sha256InJavaScript.ofBytes(Uint8Array.of(0x61, 0x62, 0x63)))).toBe(hashText("abc"));
  });

  test.each([0, 31, 33])("%d bytes are no digest", (length) => {
    expect(() => hashOfDigest(new Uint8Array(length))).toThrow("32 bytes");
  });
});
