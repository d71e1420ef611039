// Etcd is full: its quota is reached, or its disk.

import { join } from "node:path";
import { run } from "../../support/child.js";
import type { TestEtcd } from "../../support/start-etcd.js";
import type { RunningServer } from "../../support/theseus.js";
import { until } from "../../support/until.js";
import type { Size } from "../proof.js";
import { onStage } from "../stage.js";
import type { Trouble } from "./judge.js";
import { Scene } from "./scene.js";
import { SmallDisk } from "./small-disk.js";

const QUOTA = 4 * 1024 * 1024;
/** As much as one argument of a command may have, nearly. */
const VALUE = "x".repeat(120_000);
/** More than the whole time in office of a leader that nobody keeps there. */
const LONG_MS = 8000;

const NOSPACE: Trouble = {
  name: "NOSPACE",
  refused: { code: "STORE_FULL", exit: 10, says: ["alarm NOSPACE", "alarm disarm", "--quota-backend-bytes"] },
  status:
    /^FAIL {2}store .*, alarm NOSPACE$[\s\S]*^FAIL {2}problem {3}the store is full[\s\S]*-> etcdctl .* compact \d+$/m,
  ready: true,
};

/**
 * The group runs on while nothing can be written, and the advice that is given helps at once.
 * @param also other troubles beside the same group.
 */
export async function quotaReached(
  scene: Scene,
  size: Size,
  also: readonly ((scene: Scene) => Promise<void>)[] = [],
): Promise<void> {
  const { etcd } = scene.stage;
  await etcd.restartWith(`--quota-backend-bytes=${QUOTA}`);
  const server = await scene.startServer();
  await scene.runGroup(server);
  await scene.untouched(async () => {
    const leader = await leaderOf(scene, server);
    await until("etcd to be full", () => fill(etcd));
    const since = performance.now();
    await scene.expect(server, "NOSPACE", ["discover", "web/dev", "-o", "host:port"], /^(\S+:\d+\n){2}$/);
    await etcd.ctl("del", "/theseus/test");
    if (size === "full") await until("a lease nobody keeps to be over", () => performance.now() - since > LONG_MS);
    await scene.suffer(server, NOSPACE, () => asAdvised(scene, server));
    if ((await leaderOf(scene, server)) !== leader) scene.violations.push("NOSPACE: the leader lost its office");
    for (const more of also) await more(scene);
  });
  await server.child.stop();
}

/** True once it takes no more. */
async function fill(etcd: TestEtcd): Promise<boolean> {
  const puts = Array.from({ length: 8 }, () => etcd.ctl("put", "/theseus/test", VALUE));
  return (await Promise.allSettled(puts)).some(({ status }) => status === "rejected");
}

/** Runs what `server status` says, as it stands there. */
async function asAdvised(scene: Scene, server: RunningServer): Promise<void> {
  const { stdout } = await scene.patient(server).theseus(["server", "status"]);
  const commands = [...stdout.matchAll(/^ +(?:-> )?(etcdctl .*)$/gm)].map(([, command = ""]) => command);
  if (commands.length !== 3)
    scene.violations.push(`NOSPACE: ${commands.length} commands are advised, not 3: ${stdout}`);
  for (const command of commands) {
    const { code, stderr } = await run("sh", ["-c", command]);
    if (code !== 0) scene.violations.push(`NOSPACE: "${command}" ends with ${code}: ${stderr}`);
  }
}

async function leaderOf(scene: Scene, server: RunningServer): Promise<string> {
  const { stdout } = await scene.patient(server).theseus(["server", "status", "-o", "json"]);
  return (JSON.parse(stdout) as { leaderId?: string }).leaderId ?? `nobody, of ${scene.stage.image}`;
}

/** etcd ends when it cannot write, and is started again once there is room. */
export async function etcdDiskFull(): Promise<Scene> {
  return await onStage(async (stage) => {
    const { etcd } = stage;
    const disk = await SmallDisk.mount(join(etcd.folder, "disk"), 80);
    try {
      await etcd.restartWith(`--data-dir=${join(disk.path, "data")}`);
      const scene = await Scene.on(stage, "full");
      const server = await scene.startServer();
      await scene.runGroup(server);
      await scene.untouched(async () => {
        await disk.fill();
        await until("etcd to end", async () => (await fill(etcd)) && etcd.hasEnded);
        await scene.suffer(server, AWAY, async () => {
          await disk.free();
          await etcd.start();
        });
      });
      return scene;
    } finally {
      await disk.unmount();
    }
  });
}

const AWAY: Trouble = {
  name: "disk full under etcd",
  refused: { code: "STORE_UNREACHABLE", exit: 10, says: ["connect ECONNREFUSED", "systemctl status etcd"] },
  status: /^FAIL {2}store .*does not answer[\s\S]*^FAIL {2}problem .*connect ECONNREFUSED/m,
  ready: true,
};

/** The embedded store refuses writes while there is no room, and takes them again once there is. */
export async function embeddedDiskFull(): Promise<Scene> {
  return await onStage(
    async (stage) => {
      const disk = await SmallDisk.mount(join(stage.kept.folder, "data"), 16);
      try {
        const scene = await Scene.on(stage, "full");
        const server = await scene.startServer();
        await scene.runGroup(server);
        await scene.untouched(async () => {
          await disk.fill();
          await until("the store to be full", async () => (await scene.tryChange(server)) !== 0);
          await scene.suffer(server, NO_ROOM, () => disk.free());
        });
        return scene;
      } finally {
        await disk.unmount();
      }
    },
    { kind: "embedded" },
  );
}

const NO_ROOM: Trouble = {
  name: "disk full under the embedded store",
  refused: { code: ["STORE_FULL", "STORE_UNREACHABLE", "OUTCOME_UNKNOWN"], exit: 10 },
  status: /^FAIL {2}problem .*(?:NOSPACE|no space left)/im,
  ready: true,
};
