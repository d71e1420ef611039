// Which planted defects the simulator has to see. They are planted by the proof `sim`; here only that they still can be.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "@jest/globals";
import { MUTANTS } from "./mutants/table.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

describe("planted defects", () => {
  it.each(MUTANTS)("has one place in the code: $name", ({ file, find }) => {
    expect(readFileSync(`${ROOT}${file}`, "utf8").split(find)).toHaveLength(2);
  });

  it("are at least 20, and at least five of them in the watch, lease and election loops", () => {
    expect(MUTANTS.length).toBeGreaterThanOrEqual(20);
    expect(MUTANTS.filter(({ isLoop }) => isLoop).length).toBeGreaterThanOrEqual(5);
  });
});
