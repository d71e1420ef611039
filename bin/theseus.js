#!/usr/bin/env node
// The only file that knows both sides: `server start` and `server restore` touch a store and are the server's, everything
// else is the command line's. Loads one of them.

import { existsSync } from "node:fs";

const OLDEST = [20, 19];
const [major, minor] = process.versions.node.split(".").map(Number);
const argv = process.argv.slice(2);

if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
  fail(`Node.js ${process.versions.node} is too old`, `theseus needs ${OLDEST.join(".")} or newer`, "node --version");
} else if (!existsSync(new URL("../dist/src/main.js", import.meta.url))) {
  fail("this checkout is not built", "there is no folder dist", "make build");
} else {
  process.exitCode = await run();
}

async function run() {
  if (argv[0] === "server" && argv[1] === "start") {
    const { runServer } = await import("../dist/src/main.js");
    return runServer(argv.slice(2));
  }
  if (argv[0] === "server" && argv[1] === "restore") {
    const { runRestore } = await import("../dist/src/start/restore.js");
    return runRestore(argv.slice(2));
  }
  const { run } = await import("../dist/clients/cli/main.js");
  return run(argv);
}

function fail(what, why, next) {
  const first = `error: ${what}`.padEnd(74);
  process.stderr.write(`${first} [USAGE]\n  why   ${why}\n  now   nothing was changed\n  next  ${next}\n`);
  process.exitCode = 2;
}
