// How soon the command line and the server are there, against a node that does nothing.

import { spawn } from "node:child_process";
import { connect } from "../../clients/index.js";
import { onStage, type Stage } from "../proof/stage.js";
import { type Bench, type Figure, inTurns, median, rounded, timed } from "./bench.js";

const ROUNDS = 15;

/** Milliseconds until the process has ended. */
const runToEnd = (...args: string[]): Promise<number> =>
  timed(
    () =>
      new Promise<void>((resolve, reject) => {
        const child = spawn(process.execPath, args, { stdio: "ignore" });
        child.on("error", reject);
        child.on("exit", (code) => (code === 0 ? resolve() : reject(new Error(`node ${args.join(" ")}: ${code}`))));
      }),
  );

const idle = () => runToEnd("-e", "0");

function figure(times: { readonly idle: readonly number[]; readonly theseus: readonly number[] }): Figure {
  const [theseus, node] = [median(times.theseus), median(times.idle)];
  const detail = { theseus_ms: rounded(theseus), node_ms: rounded(node), runs: times.idle.length };
  return { ratio: theseus / node, detail };
}

async function measureHelp(): Promise<Figure> {
  return figure(await inTurns({ idle, theseus: () => runToEnd("bin/theseus.js", "--help") }, ROUNDS));
}

/** From the start of the process to the first answer to a lookup. */
async function startToAnswer(stage: Stage): Promise<number> {
  const begun = performance.now();
  const server = await stage.startServer();
  const client = connect(server.listeners.grpc);
  try {
    await client.discovery.lookup({ target: { $case: "selector", value: {} } });
    return performance.now() - begun;
  } finally {
    client.close();
    await server.child.stop();
  }
}

async function measureServer(): Promise<Figure> {
  return await onStage(async (stage) => {
    // The first server of a store makes the cluster: not what is measured.
    await startToAnswer(stage);
    return figure(await inTurns({ idle, theseus: () => startToAnswer(stage) }, ROUNDS));
  });
}

export const help: Bench = { name: "help", limit: { atMost: 1.6 }, measure: measureHelp };
export const serverStart: Bench = { name: "server-start", limit: { atMost: 10 }, measure: measureServer };
