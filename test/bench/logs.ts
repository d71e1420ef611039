// Merged logs of ten containers with ten thousand lines each, through the server, against reading the same logs plainly
// from the engine, one after the other.

import Docker from "dockerode";
import { type Connection, connect } from "../../clients/index.js";
import { onStage, type Stage } from "../proof/stage.js";
import { until } from "../support/until.js";
import { type Bench, type Figure, inTurns, median, medianRatio, rounded, timed } from "./bench.js";

const CONTAINERS = 10;
const LINES = 10_000;
const ROUNDS = 5;
const GROUP = { service: "bench", labels: [] };
const PROGRAM = `i=0; while [ $i -lt ${LINES} ]; do i=$((i+1)); echo "line $i of a program that says what it does"; done; exec sleep 1000000`;

async function merged(client: Connection): Promise<number> {
  let lines = 0;
  let last = 0n;
  for await (const message of client.theseus.readLogs({ targets: [{ target: { $case: "group", value: GROUP } }] })) {
    for (const { timeUnixNanos } of message.lines) {
      if (timeUnixNanos < last) throw new Error("the lines are out of order");
      last = timeUnixNanos;
    }
    lines += message.lines.length;
  }
  return lines;
}

async function plainly(docker: Docker, ids: readonly string[]): Promise<number> {
  let lines = 0;
  for (const id of ids) {
    const options = { stdout: true, stderr: true, timestamps: true, follow: false } as const;
    const bytes: Buffer = await docker.getContainer(id).logs(options);
    for (let at = bytes.indexOf(10, 8); at >= 0; at = bytes.indexOf(10, at + 8)) lines += 1;
  }
  return lines;
}

async function readBoth(stage: Stage, client: Connection): Promise<Figure> {
  const docker = new Docker({ socketPath: stage.engine.socket });
  await until("everything to be written", async () => (await merged(client)) === CONTAINERS * LINES, {
    withinMs: 120_000,
  });
  const found = await stage.engine.containers(["theseus.cluster", (await stage.store.clusterId()) ?? ""]);
  const ids = found.map(({ id }) => id);
  const times = await inTurns(
    {
      merged: () => timed(async () => whole(await merged(client))),
      plain: () => timed(async () => whole(await plainly(docker, ids))),
    },
    ROUNDS,
  );
  const detail = {
    merged_ms: rounded(median(times.merged)),
    plain_ms: rounded(median(times.plain)),
    lines: CONTAINERS * LINES,
  };
  return { ratio: medianRatio(times.plain, times.merged), detail };
}

function whole(lines: number): void {
  if (lines !== CONTAINERS * LINES) throw new Error(`read ${lines} lines of ${CONTAINERS * LINES}`);
}

async function measure(): Promise<Figure> {
  return await onStage(async (stage) => {
    const server = await stage.startServer();
    const client = connect(server.listeners.grpc);
    try {
      const config = { image: stage.image, instances: CONTAINERS, command: ["/bin/sh", "-c", PROGRAM] };
      await until("a leader", async () => (await client.theseus.getServerStatus({})).leaderId !== "");
      await client.theseus.createGroup({ group: GROUP, config });
      return await readBoth(stage, client);
    } finally {
      client.close();
    }
  });
}

/** Speed over speed: what the merging may cost is half of it. */
export const logs: Bench = { name: "logs", limit: { atLeast: 0.5 }, measure };
