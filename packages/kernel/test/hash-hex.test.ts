import { describe, expect, test } from "@jest/globals";
import { hashHex, hashText } from "@micromarket/kernel";

describe("hashHex", () => {
  test("takes back what hashText made", () => {
    const hash = hashText("kettle");
    expect(hashHex(`${hash}`)).toBe(hash);
  });

  test.each(["", "00", "A".repeat(64), "g".repeat(64), "0".repeat(65), `${"0".repeat(64)}\n`])("refuses %j", (text) => {
    expect(() => hashHex(text)).toThrow("64 lower-case hexadecimal digits");
  });
});
