import { describe, expect, test } from "@jest/globals";
import { findColumn, readCsv, type CsvTable } from "../src/csv-table.ts";
import { places, valueOf } from "./told.ts";

const table = (text: string, headerRows = 1, delimiter = ","): CsvTable =>
  valueOf(readCsv({ name: "t.csv", path: "t.csv", text }, { delimiter, headerRows }));

describe("a table", () => {
  test("keeps its cells as texts", () => {
    const { columns, rows } = table('a,"b ""x""",c\n0.48200000000000004, 1,\n"2,5","y\nz",3\n');
    expect(columns).toEqual(["a", 'b "x"', "c"]);
    expect(rows).toEqual([
      ["0.48200000000000004", " 1", ""],
      ["2,5", "y\nz", "3"],
    ]);
  });

  test("may have two header rows, or none", () => {
    expect(table(",Januar,März\n[kWh],SA,WT\n00:00,1,2\n", 2).columns).toEqual(["[kWh]", "Januar/SA", "März/WT"]);
    expect(table("1;2\n3;4\n", 0, ";")).toMatchObject({
      columns: ["", ""],
      rows: [
        ["1", "2"],
        ["3", "4"],
      ],
    });
  });

  test("keeps empty lines but those at its end: they are missing values", () => {
    expect(table("a\n1\n\n2\n\n\n").rows).toEqual([["1"], [""], ["2"]]);
  });

  test("refuses rows that are wider than the header, but not for an empty cell at their end", () => {
    const read = (text: string): string[] =>
      places(readCsv({ name: "t.csv", path: "t.csv", text }, { delimiter: ",", headerRows: 1 }));
    expect(read("load,pv\n1,906,0,00\n2,3\n4,5,6\n")).toEqual(["2:7 CELLS_SURPLUS", "4:5 CELLS_SURPLUS"]);
    expect(read("load,pv\n1,2,\n3,4,,\n")).toEqual([]);
  });

  test("may mix line ends", () => {
    expect(table("a,b\n1,2\r\n3,4\r5,6").rows).toEqual([
      ["1", "2"],
      ["3", "4"],
      ["5", "6"],
    ]);
  });

  test("knows where each cell stands, beyond quotes, empty lines and wide characters", () => {
    const located = table('a,b,c\r\n1,"x\ny",3\r\n\r\n€😀,"q,""q",7\r\n6');
    const shown = [
      [0, 0],
      [0, 1],
      [0, 2],
      [1, 0],
      [2, 0],
      [2, 1],
      [2, 2],
      [3, 0],
      [3, 1],
    ].map(([row = 0, column = 0]) => {
      const { line, column: at } = located.placeOf(row, column);
      return `${line}:${at}`;
    });
    expect(shown).toEqual(["2:1", "2:3", "3:4", "4:1", "5:1", "5:5", "5:13", "6:1", "6:2"]);
  });

  test.each([
    ['a,b\n1,2\n3,"4\n5,6\n', "3:3 CSV_QUOTE_NOT_CLOSED"],
    ['a,b\n"1",2\n3,4"\n', "3:4 INVALID_OPENING_QUOTE"],
    ['a,b\n"1"x,2\n', "2:1 CSV_INVALID_CLOSING_QUOTE"],
  ])("that breaks off is refused where the quote stands: %j", (text, place) => {
    const result = readCsv({ name: "t.csv", path: "t.csv", text }, { delimiter: ",", headerRows: 1 });
    expect(places(result)).toEqual([place]);
  });
});

describe("a column is found", () => {
  const found = (text: string, wanted: string | number): number | string => {
    const column = findColumn(table(text), wanted);
    return column.ok ? column.value : column.error.code;
  };
  test.each<[string, string | number, number | string]>([
    ["a,b\n", "b", 1],
    [",GC,GG\n", "", 0],
    ["a,b\n", 2, 1],
    ["a,b\n", 3, "COLUMN_MISSING"],
    ["a,b\n", "c", "COLUMN_MISSING"],
    ["a,a\n", "a", "COLUMN_AMBIGUOUS"],
    ["", "a", "COLUMN_MISSING"],
  ])("%j %s", (text, wanted, column) => {
    expect(found(text, wanted)).toBe(column);
  });
});
