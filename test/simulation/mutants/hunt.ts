// `hunt.ts [--only=NAME,NAME] [--from=N] [--seeds=N] [--seconds=N] [--width=N]`: which planted defects the simulator sees,
// one JSON line each.

import { parseArgs } from "node:util";
import { hunt } from "./planted.js";
import { MUTANTS } from "./table.js";

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    from: { type: "string", default: "0" },
    seeds: { type: "string", default: "2000" },
    seconds: { type: "string", default: "3600" },
    width: { type: "string", default: "1" },
  },
});
const limits = { from: Number(values.from), seeds: Number(values.seeds), seconds: Number(values.seconds) };
let caught = 0;
const only = values.only?.split(",") ?? [""];
const chosen = MUTANTS.filter(({ name }) => only.some((part) => name.includes(part)));
const left = [...chosen];

async function work(): Promise<void> {
  for (let mutant = left.shift(); mutant !== undefined; mutant = left.shift()) {
    const found = await hunt(mutant, limits);
    if (found.seed !== undefined) caught++;
    console.log(JSON.stringify(found));
  }
}

await Promise.all(Array.from({ length: Number(values.width) }, work));
console.log(JSON.stringify({ mutants: chosen.length, caught }));
