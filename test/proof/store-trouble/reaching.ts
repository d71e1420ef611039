// Etcd is there, and cannot be reached: another thing answers at its address, or none; one of two addresses is dead.

import { until } from "../../support/until.js";
import { Front, type FrontMode } from "./front.js";
import type { Trouble } from "./judge.js";
import type { Scene } from "./scene.js";

const WHY: Record<Exclude<FrontMode, "etcd">, { readonly words: string; readonly next: string }> = {
  dead: { words: "connect ECONNREFUSED", next: "systemctl status etcd" },
  // Which of the two it is depends on what arrives first, the answer or the end.
  http: { words: "(?:does not speak gRPC|closes it at once)", next: "look at --etcd of the server" },
  closing: { words: "takes the connection and closes it at once", next: "look at --etcd of the server" },
  silent: { words: "no connection in time", next: "systemctl status etcd" },
};

/** A server that was well before, and one that never was. */
export async function unreachable(scene: Scene): Promise<void> {
  const front = await Front.open(scene.stage.etcd.port);
  try {
    const server = await scene.startServer(["--etcd", front.endpoint]);
    await scene.runGroup(server);
    await scene.untouched(async () => {
      for (const mode of MODES) {
        await front.become(mode);
        await scene.suffer(server, trouble(mode, front, true), () => front.become("etcd"));
      }
      await longAway(scene, front, server);
      for (const mode of MODES) await fromTheStart(scene, mode);
      await oneOfTwo(scene);
    });
    await server.child.stop();
  } finally {
    await front.close();
  }
}

const MODES = ["dead", "http", "closing", "silent"] as const;

/** @param wasWell what it has read is true for a while yet. */
function trouble(mode: keyof typeof WHY, { port }: Front, wasWell: boolean): Trouble {
  const { words, next } = WHY[mode];
  return {
    name: `${mode}${wasWell ? "" : ", from the start"}`,
    refused: { code: ["STORE_UNREACHABLE", "OUTCOME_UNKNOWN"], exit: 10, says: [new RegExp(words), `:${port}`, next] },
    status: new RegExp(`^FAIL  store .*does not answer[\\s\\S]*^FAIL  problem .*${words}`, "m"),
    ready: wasWell,
  };
}

export async function fromTheStart(scene: Scene, mode: keyof typeof WHY = "http"): Promise<void> {
  const front = await Front.open(scene.stage.etcd.port, mode);
  try {
    const server = await scene.startServer(["--etcd", front.endpoint]);
    await scene.suffer(server, trouble(mode, front, false), () => front.become("etcd"));
    await server.child.stop();
  } finally {
    await front.close();
  }
}

export async function oneOfTwo(scene: Scene): Promise<void> {
  const { etcd } = scene.stage;
  const dead = await Front.open(etcd.port, "dead");
  try {
    const server = await scene.startServer(["--etcd", `${dead.endpoint},${etcd.endpoint}`]);
    await until("the store to be read", async () => (await scene.patient(server).readyz?.())?.code === 200);
    const status = /^WARN {2}members {3}1 of 2: [\s\S]*^FAIL {2}problem .* cannot be used: connect ECONNREFUSED/m;
    const one: Trouble = { name: "one member of two away", refused: undefined, status, ready: true };
    await scene.suffer(server, one, () => dead.become("etcd"));
    await server.child.stop();
  } finally {
    await dead.close();
  }
}

/** What it has read grows old, and then it says so. */
async function longAway(scene: Scene, front: Front, server: Parameters<Scene["suffer"]>[0]): Promise<void> {
  await front.become("dead");
  const { readyz } = scene.patient(server);
  await until("/readyz to tell of the silence", async () => (await readyz?.())?.code === 503, { withinMs: 60_000 });
  const old: Trouble = { ...trouble("dead", front, true), name: "dead, for long", ready: false };
  await scene.suffer(server, old, () => front.become("etcd"));
}
