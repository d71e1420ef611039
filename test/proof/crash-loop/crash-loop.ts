// One container of six ends as soon as it is started, again and again, by itself or because it wants too much memory: it is
// tried ever more seldom, the other five are left alone, and when it can live again it does so by itself.

import { randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { importBusyboxImage } from "../../support/images.js";
import type { SeenEvent } from "../../support/observed-engine.js";
import { ObservedGroup, slotOf } from "../../support/observed-group.js";
import { plantedBuild } from "../../support/planted-build.js";
import { StoreLog } from "../../support/store-log.js";
import { inFolder } from "../../support/temporary-folder.js";
import type { Proof, Report, Size } from "../proof.js";
import { type Database, startDatabase } from "../rollout/database.js";
import { onStage, type Stage } from "../stage.js";

const SLOT = 3;
/** The longest pause between two tries, and a start. */
const HEALS_WITHIN_MS = 320_000;

/** In that slot it does not live without its database. */
const PROGRAM = `#!/bin/sh
case $CONTAINER_NAME in
  *.${SLOT}.*) nc -w 2 \${DATABASE%:*} \${DATABASE#*:} </dev/null >/dev/null || broken=1 ;;
esac
if [ -n "$broken" ]; then
  [ "$MODE" = greedy ] && exec tail /dev/zero
  echo "its database is gone"
  exit 1
fi
mkdir -p /tmp/www
exec httpd -f -p 8080 -h /tmp/www
`;

type Measure = {
  readonly groups: readonly ("loop/exits" | "loop/greedy")[];
  readonly instances: number;
  readonly lengthMs: number;
  /** By the engine and by us, in that time. */
  readonly mostStarts: number;
  readonly heals: boolean;
};

class Scene {
  readonly #stage: Stage;
  readonly #log: StoreLog;
  /** Of our cluster alone. */
  readonly #events: () => readonly SeenEvent[];
  readonly #database: Database;

  constructor(stage: Stage, database: Database, seen: { log: StoreLog; events: () => readonly SeenEvent[] }) {
    this.#stage = stage;
    this.#database = database;
    this.#log = seen.log;
    this.#events = seen.events;
  }

  async loop(measure: Measure): Promise<string[]> {
    const { groups, lengthMs } = measure;
    const { revision } = this.#log;
    const since = Date.now();
    await this.#break(groups);
    await pause(lengthMs);
    const events = this.#events().filter(({ at }) => at > since);
    const found = groups.flatMap((name) => [
      ...this.#hasty(name, events, measure),
      ...this.#touched(name, events, revision),
    ]);
    return measure.heals ? [...found, ...(await this.#heals(measure))] : found;
  }

  /** The database is gone, and one of each ends by itself, as programs do. */
  async #break(groups: Measure["groups"]): Promise<void> {
    await new Promise((resolve) => this.#database.server.close(resolve));
    for (const name of groups) {
      const found = await new ObservedGroup(this.#stage, name).containers();
      const one = found.find((container) => slotOf(container) === SLOT);
      if (one === undefined) throw new Error(`${name} has nothing in slot ${SLOT}`);
      await this.#stage.engine.exec(one.id, ["kill", "-TERM", "1"]);
    }
  }

  #hasty(name: string, events: readonly SeenEvent[], { lengthMs, mostStarts }: Measure): string[] {
    const starts = events.filter(
      (event) => event.action === "start" && isIn(name, event) && slotOfEvent(event) === SLOT,
    );
    const [first] = starts;
    const times = starts.map(({ at }) => `${((at - (first?.at ?? 0)) / 1000).toFixed(1)}`);
    console.error(`crash-loop: ${name}: ${starts.length} starts in ${lengthMs} ms, at ${times.join(" ")} s`);
    return [
      ...(starts.length > mostStarts ? [`${name} was started ${starts.length} times in ${lengthMs} ms`] : []),
      ...(starts.length < 3 ? [`${name} was started ${starts.length} times only`] : []),
    ];
  }

  /** Those that live: by Docker, and by what is told of them. */
  #touched(name: string, events: readonly SeenEvent[], revision: number): string[] {
    const prefix = `/services/${name}/containers/${name.replace("/", ".")}.`;
    const isOther = ({ key }: { readonly key: string }) =>
      key.startsWith(prefix) && !key.startsWith(`${prefix}${SLOT}.`);
    const writes = this.#log.writes.filter((one) => one.revision > revision && isOther(one));
    const others = events.filter(
      (event) => CHANGES.includes(event.action) && isIn(name, event) && slotOfEvent(event) !== SLOT,
    );
    return [
      ...others.map(({ action, attributes }) => `Docker says ${action} of ${attributes["name"]}`),
      ...writes.map(({ key, value }) => `written: ${key} ${value}`),
    ];
  }

  /** Its database is back. */
  async #heals({ groups, instances }: Measure): Promise<string[]> {
    const { server } = await startDatabase(this.#database.port);
    const back = Date.now();
    const patience = { withinMs: HEALS_WITHIN_MS, everyMs: 500 };
    const whole = groups.map((name) => new ObservedGroup(this.#stage, name).ready(instances, patience));
    return await Promise.all(whole)
      .then(() => {
        console.error(`crash-loop: all were there again ${Date.now() - back} ms after they could be`);
        return [];
      })
      .catch((error: Error) => [error.message])
      .finally(() => server.close());
  }
}

const CHANGES = ["start", "die", "kill", "stop", "destroy", "create"];

const slotOfEvent = ({ attributes }: SeenEvent): number => Number(attributes["theseus.slot"]);

const isIn = (name: string, { attributes }: SeenEvent): boolean =>
  `${attributes["theseus.service"]}/${attributes["theseus.labels"]}` === name;

/** @param bin another build's. */
async function play(measure: Measure, bin?: string): Promise<string[]> {
  return await onStage(async (stage) => {
    const database = await startDatabase();
    const log = new StoreLog(stage.etcd);
    const events = await stage.engine.follow();
    try {
      const image = `theseus-proof-loop-${randomBytes(4).toString("hex")}:1`;
      stage.keepImage(image);
      await importBusyboxImage(stage.engine.socket, image, {
        files: { "/program.sh": PROGRAM },
        command: ["/bin/sh", "/program.sh"],
      });
      const server = await stage.startServer(bin === undefined ? {} : { bin });
      const { instances } = measure;
      const config = { image, instances, ports: { http: 8080 }, mem: "16MiB", stop: { grace: "1s" } };
      const update = { min_healthy_time: "1s", max_parallel: instances };
      const groups = measure.groups.map((name) => {
        const env = { DATABASE: database.address, MODE: name.split("/")[1] };
        return [name, { ...config, update, env }] as const;
      });
      await stage.apply(server, Object.fromEntries(groups));
      for (const name of measure.groups) await new ObservedGroup(stage, name).stable();
      const cluster = await stage.store.clusterId();
      const ours = () => events.seen.filter(({ attributes }) => attributes["theseus.cluster"] === cluster);
      return await new Scene(stage, database, { log, events: ours }).loop(measure);
    } finally {
      database.server.close();
      events.close();
      await stage.strike();
      await log.stop();
    }
  });
}

const FULL: Measure = {
  groups: ["loop/exits", "loop/greedy"],
  ...{ instances: 6, lengthMs: 600_000, mostStarts: 12, heals: true },
};
/** Two or three by the engine at once, and then after 1, 2 and 4 s; after 8 s the next would come. */
const SMALL: Measure = { groups: ["loop/exits"], instances: 3, lengthMs: 14_000, mostStarts: 6, heals: false };

async function check(size: Size): Promise<Report> {
  const measure = size === "full" ? FULL : SMALL;
  return { cases: measure.groups.length, violations: await play(measure) };
}

/** No slot ever waits. */
const WITHOUT_PAUSES = { file: "src/planner/backoff.js", find: "failures <= 0 ? 0", put: "failures >= 0 ? 0" };

/** Long enough for a busy machine; with pauses of up to 16 s there would be no more than that. */
async function control(): Promise<Report> {
  const violations = await inFolder("crash-loop", async (folder) => {
    const measure = { ...SMALL, lengthMs: 22_000, mostStarts: 7 };
    return await play(measure, await plantedBuild(folder, WITHOUT_PAUSES));
  });
  return { cases: SMALL.groups.length, violations: violations.filter((text) => text.includes(" was started ")) };
}

export const crashLoop: Proof = { name: "crash-loop", check, control };
