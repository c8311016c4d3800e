import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { Ajv } from "ajv";
import { CLIENT_MESSAGES, ERROR_CODES, errorBody, SERVER_MESSAGES } from "@micromarket/protocol";

const ajv = new Ajv({ strict: true, allowUnionTypes: true });

test.each(Object.entries({ ...CLIENT_MESSAGES, ...SERVER_MESSAGES }))(
  "%s is a sound schema of its own name",
  (name, schema) => {
    expect(() => ajv.compile(schema)).not.toThrow();
    expect(schema.properties.type.const).toBe(name);
  },
);

test.each(Object.values(CLIENT_MESSAGES))(
  "what a client says is closed to the last field ($properties.type.const)",
  (schema) => {
    expect(schema.additionalProperties).toBe(false);
  },
);

test("the page of the protocol lists every code with what holds for it", () => {
  const page = readFileSync(new URL("../../../../docs/PROTOCOL.md", import.meta.url), "utf8");
  const rows = Object.entries(ERROR_CODES).map(
    ([code, { class: errorClass, status, retryable, meaning }]) =>
      `| \`${code}\` | ${errorClass} | ${status} | ${retryable ? "yes" : "no"} | ${meaning} |`,
  );
  const listed = page.slice(page.indexOf("<!-- codes -->"), page.indexOf("<!-- /codes -->")).split("\n");
  expect(listed.filter((line) => line.startsWith("| `"))).toEqual(rows);
});

test("an error says whose matter it is", () => {
  expect(errorBody("RATE_LIMITED", "slower", { retry_after_ms: 20 })).toEqual({
    code: "RATE_LIMITED",
    class: "limit",
    retryable: true,
    message: "slower",
    retry_after_ms: 20,
  });
});
