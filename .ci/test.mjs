// Every test in its small size, cheapest first: `node .ci/test.mjs`. A skipped test, a file that does not load and a
// stage that hangs are failures. The last line is "N passed, N failed"; exit 1 unless nothing failed.

import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";

const STAGE_PATIENCE_MS = 14 * 60_000;
const JEST = [
  "--no-warnings",
  "--experimental-vm-modules",
  "node_modules/jest/bin/jest.js",
  "--ci",
  "--passWithNoTests",
];

const stages = [
  { name: "unit", folders: ["unit"], workers: 2 },
  { name: "property", folders: ["property", "simulation"], workers: 2 },
  { name: "contract", folders: ["contract"], workers: 2 },
  { name: "integration", folders: ["integration"], workers: 2 },
];

const total = { passed: 0, failed: 0 };

let child;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    if (signal !== "SIGINT") child?.kill(signal);
    process.exitCode = 130;
  });
}

/** Runs node with these arguments, handing each line of its output on; resolves to the exit code. */
function node(args, onLine) {
  return new Promise((resolve) => {
    child = spawn(process.execPath, args, { stdio: ["ignore", onLine === undefined ? "inherit" : "pipe", "inherit"] });
    const patience = setTimeout(() => {
      console.error(`this stage has not ended after ${STAGE_PATIENCE_MS / 60_000} minutes, stopping it`);
      child.kill("SIGTERM");
      setTimeout(() => child.kill("SIGKILL"), 20_000).unref();
    }, STAGE_PATIENCE_MS);
    if (onLine !== undefined) readLines(child.stdout, onLine);
    child.on("close", (code) => {
      clearTimeout(patience);
      resolve(code ?? 1);
    });
  });
}

function readLines(stream, onLine) {
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (text) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop();
    lines.forEach(onLine);
  });
}

async function runJest({ name, folders, workers }) {
  const report = `.build/test/${name}.json`;
  rmSync(report, { force: true });
  const paths = folders.map((folder) => `test/${folder}/`);
  const code = await node([...JEST, `--maxWorkers=${workers}`, "--json", `--outputFile=${report}`, ...paths], () => {});
  count(code, readReport(report));
}

function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}

function count(code, report) {
  if (report === undefined) {
    console.error("jest ended without a report");
    total.failed++;
    return;
  }
  const notRun = report.testResults.flatMap((file) =>
    file.assertionResults.filter((test) => ["pending", "todo", "skipped", "disabled"].includes(test.status)),
  );
  for (const test of notRun) console.error(`skipped, which counts as failed: ${test.fullName}`);
  const failed = report.numFailedTests + report.numRuntimeErrorTestSuites + notRun.length;
  total.passed += report.numPassedTests;
  total.failed += failed === 0 && code !== 0 ? 1 : failed;
}

/** One JSON line a proof; see test/proof/run.ts. */
async function runProofs() {
  let failed = 0;
  const code = await node(["--import", "tsx", "test/proof/run.ts", "--size=small"], (line) => {
    console.log(line);
    if (!line.startsWith("{")) return;
    const { violations, control } = JSON.parse(line);
    if (violations === 0 && control === "fails") total.passed++;
    else failed++;
  });
  total.failed += failed === 0 && code !== 0 ? 1 : failed;
}

mkdirSync(".build/test", { recursive: true });
for (const stage of [...stages.map((stage) => () => runJest(stage)), runProofs]) {
  if (process.exitCode === undefined) await stage();
}
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exit(process.exitCode ?? (total.failed === 0 ? 0 : 1));
