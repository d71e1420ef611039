// `hunt.ts [--only=NAME,NAME] [--seeds=N] [--seconds=N]`: which planted defects the simulator sees, one JSON line each.

import { parseArgs } from "node:util";
import { hunt } from "./planted.js";
import { MUTANTS } from "./table.js";

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    seeds: { type: "string", default: "2000" },
    seconds: { type: "string", default: "3600" },
  },
});
const limits = { seeds: Number(values.seeds), seconds: Number(values.seconds) };
let caught = 0;
const only = values.only?.split(",") ?? [""];
const chosen = MUTANTS.filter(({ name }) => only.some((part) => name.includes(part)));
for (const mutant of chosen) {
  const found = await hunt(mutant, limits);
  if (found.seed !== undefined) caught++;
  console.log(JSON.stringify(found));
}
console.log(JSON.stringify({ mutants: chosen.length, caught }));
