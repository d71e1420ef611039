// The logs of a group that is followed through updates, by both orders: every line of every container once, merged by
// time, those of the containers that are gone too; and what a failed one has said is there after it.

import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Child } from "../../support/child.js";
import { engineRequest } from "../../support/engine-api.js";
import { importBusyboxImage } from "../../support/images.js";
import { ObservedGroup } from "../../support/observed-group.js";
import { inFolder } from "../../support/temporary-folder.js";
import { BIN, type RunningServer } from "../../support/theseus.js";
import { until } from "../../support/until.js";
import type { Proof, Report, Size } from "../proof.js";
import { onStage, type Stage } from "../stage.js";
import { farthestBack, linesByName, readTold, type Told, wrongLines } from "./told-lines.js";

const GROUP = "talk/dev";
const LAST_WORDS = "has no more to say";
const SLOW = { withinMs: 60_000, everyMs: 100 };
const ROLLED_BACK = 8;
/** Who follows holds lines for a moment to put them in order; those of a container that has just come may be later. */
const LATE_MS = 2_000;

/** Says its name and a number twenty times a second, and at its end how many. */
const PROGRAM = `#!/bin/sh
[ "$MODE" = bad ] && { echo "${LAST_WORDS}"; exit 3; }
n=0
trap 'echo "$CONTAINER_NAME ended at $n"; exit 0' TERM
while :; do
  n=$((n + 1))
  echo "$CONTAINER_NAME $n"
  usleep 50000
done
`;

class Scene {
  readonly group: ObservedGroup;

  constructor(
    readonly stage: Stage,
    readonly server: RunningServer,
    readonly image: string,
    readonly instances: number,
  ) {
    this.group = new ObservedGroup(stage, GROUP);
  }

  static on<T>(instances: number, work: (scene: Scene) => Promise<T>): Promise<T> {
    return onStage(async (stage) => {
      const image = `theseus-rolling-logs-${randomBytes(4).toString("hex")}:1`;
      stage.keepImage(image);
      const program = { files: { "/talk.sh": PROGRAM }, command: ["/bin/sh", "/talk.sh"] };
      const [server] = await Promise.all([
        stage.startServer(),
        importBusyboxImage(stage.engine.socket, image, program),
      ]);
      return await work(new Scene(stage, server, image, instances));
    });
  }

  async version(order: string, version: string): Promise<void> {
    const update = { order, max_parallel: 2, min_healthy_time: "0s" };
    const group = { image: this.image, instances: this.instances, env: { V: version }, stop: { grace: "10s" }, update };
    await this.stage.apply(this.server, { [GROUP]: group });
  }

  /** By name, the last number that each running container has written, as the engine says. */
  async written(): Promise<ReadonlyMap<string, number>> {
    const found = (await this.group.containers()).map(async ({ id, name }) => {
      const path = `/containers/${id}/logs?stdout=1&tail=1`;
      const { body } = await engineRequest(this.stage.engine.socket, "GET", path);
      return [name, Number(/(\d+)\s*$/.exec(body)?.[1] ?? 0)] as const;
    });
    return new Map(await Promise.all(found));
  }
}

/** `theseus logs` into a file, with all that there is. */
function following(scene: Scene, file: string): Child {
  const args = ["logs", GROUP, "-f", "--tail", "all", "-o", "jsonl"].join(" ");
  const env = { THESEUS_SERVER: scene.server.listeners.grpc };
  return new Child("/bin/sh", ["-c", `exec ${process.execPath} ${BIN} ${args} >${file}`], { env });
}

type Seen = { readonly told: readonly Told[]; readonly violations: readonly string[] };

/** @param follows false: only when all is over. */
function throughUpdates(scene: Scene, updates: number, follows: boolean): Promise<Seen> {
  return inFolder("rolling-logs", async (folder) => {
    const file = join(folder, "told");
    const told = async () => readTold(await readFile(file, "utf8").catch(() => ""));
    await scene.version("stop-first", "0");
    const events = await scene.stage.engine.follow();
    const before = await scene.group.containers();
    const update = async () => {
      for (let version = 1; version <= updates; version += 1)
        await scene.version(version % 2 === 0 ? "stop-first" : "start-first", String(version));
    };
    if (!follows) await update();
    const follower = following(scene, file);
    try {
      await until("all to be followed", async () => linesByName(await told()).size === scene.instances, SLOW);
      if (follows) await update();
      const last = await scene.written();
      await until("the newest lines", async () => reaches(await told(), last), SLOW).catch(() => undefined);
      await follower.stop();
      const cluster = await scene.stage.store.clusterId();
      const ours = events.seen.filter(({ attributes }) => attributes["theseus.cluster"] === cluster);
      const started = ours.filter(({ action }) => action === "start").map(({ attributes }) => attributes["name"] ?? "");
      const all = new Set([...before.map(({ name }) => name), ...started]);
      const ended = [...all].filter((name) => !last.has(name));
      const seen = await told();
      return { told: seen, violations: wrongLines(seen, ended, last) };
    } finally {
      await follower.kill9();
      events.close();
    }
  });
}

function reaches(told: readonly Told[], last: ReadonlyMap<string, number>): boolean {
  const byName = linesByName(told);
  return [...last].every(([name, number]) => (byName.get(name)?.numbers.at(-1) ?? 0) >= number);
}

/** What is read without following is in order exactly. */
async function wrongOnceRead({ server }: Scene): Promise<string[]> {
  const { stdout } = await server.theseus(["logs", GROUP, "--tail", "300", "-o", "jsonl"]);
  const back = farthestBack(readTold(stdout));
  return back === 0 ? [] : [`once read, a line comes ${back} ms after a later one`];
}

/** A bad version is taken back, and what it has said is there after that. */
async function previous({ server }: Scene): Promise<string[]> {
  const { code, stderr } = await server.theseus(["update", GROUP, "--env", "MODE=bad"]);
  const faults = code === ROLLED_BACK ? [] : [`the bad version ended with ${code}: ${stderr}`];
  const { stdout } = await server.theseus(["logs", GROUP, "--previous"]);
  return stdout.includes(LAST_WORDS) ? faults : [...faults, `--previous does not tell its last words: ${stdout}`];
}

async function check(size: Size): Promise<Report> {
  const [instances, updates] = size === "full" ? [6, 10] : [3, 2];
  return await Scene.on(instances, async (scene) => {
    const { told, violations } = await throughUpdates(scene, updates, true);
    const containers = linesByName(told).size;
    const back = farthestBack(told);
    console.error(
      `rolling-logs: ${told.length} lines of ${containers} containers in ${updates} updates, ` +
        `none told more than ${Math.ceil(back)} ms after a later one`,
    );
    const late = back > LATE_MS ? [`a line came ${Math.round(back)} ms after a later one`] : [];
    const wanted = instances * (updates + 1);
    const few = containers < wanted ? [`${containers} containers were seen, not ${wanted}`] : [];
    const after = [...(await wrongOnceRead(scene)), ...(await previous(scene))];
    return { cases: told.length, violations: [...violations, ...late, ...few, ...after] };
  });
}

/** Followed only when all is over: the containers that are gone have taken their lines with them. */
function control(): Promise<Report> {
  return Scene.on(2, async (scene) => {
    const { told, violations } = await throughUpdates(scene, 1, false);
    return { cases: told.length, violations };
  });
}

export const rollingLogs: Proof = { name: "rolling-logs", check, control };
