import { describe, expect, it } from "@jest/globals";
import { type Column, renderTable, renderTsv, sortItems } from "../../../clients/cli/output/table.js";

interface Row {
  readonly name: string;
  readonly count: number;
}

const ROWS: readonly Row[] = [
  { name: "web/dev", count: 12 },
  { name: "api/prod,zone=eu-1", count: 3 },
];
const NAME: Column<Row> = { id: "name", title: "NAME", value: ({ name }) => name };
const COUNT: Column<Row> = {
  id: "count",
  title: "COUNT",
  value: ({ count }) => String(count),
  right: true,
  order: ({ count }) => count,
};

describe("a table", () => {
  it("is aligned, numbers to the right, and ends without spaces", () => {
    expect(renderTable([NAME, COUNT], ROWS)).toMatchInlineSnapshot(`
"NAME                COUNT
web/dev                12
api/prod,zone=eu-1      3
"
`);
    expect(renderTable([COUNT, NAME], ROWS)).not.toMatch(/ $/m);
  });

  it("does not count colour as width", () => {
    const coloured: Column<Row> = { ...NAME, value: ({ name }) => `\u001b[32m${name}\u001b[39m` };
    const plain = renderTable([NAME, COUNT], ROWS);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is taken away.
    expect(renderTable([coloured, COUNT], ROWS).replaceAll(/\u001b\[\d+m/g, "")).toBe(plain);
  });

  it("as tsv has no heading, and one line per item whatever is in it", () => {
    expect(renderTsv([NAME, COUNT], [{ name: "a\tb\nc", count: 1 }])).toBe("a b c\t1\n");
  });

  it("is sorted by value and not by text", () => {
    const ascending = sortItems(ROWS, COUNT, false).map(({ count }) => count);
    expect(ascending).toEqual([3, 12]);
    expect(sortItems(ROWS, COUNT, true).map(({ count }) => count)).toEqual([12, 3]);
  });
});
