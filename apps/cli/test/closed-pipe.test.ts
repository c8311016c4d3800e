import { expect, test } from "@jest/globals";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const COMMAND = fileURLToPath(new URL("../bin/micromarket.js", import.meta.url));

test("who stops reading, as head does, hears no complaint", () => {
  const orders = Array.from({ length: 20_000 }, (_, index) => {
    return { id: `o${index}`, party: `p${index}`, side: index % 2 === 0 ? "buy" : "sell", price: 5, quantity: 1 };
  });
  const script = '"$0" "$1" clear - | head -c 10';
  const { stdout, stderr } = spawnSync("sh", ["-c", script, process.execPath, COMMAND], {
    input: JSON.stringify({ orders }),
    encoding: "utf8",
  });
  expect({ length: stdout.length, stderr }).toEqual({ length: 10, stderr: "" });
});
