// Groups of which a part is older and a part younger than a backup of the store: what Docker has of them, and the store
// put back to that backup.

import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EngineProxy } from "../../support/engine-proxy.js";
import { importBusyboxImage } from "../../support/images.js";
import type { SeenContainer } from "../../support/observed-engine.js";
import { ObservedGroup } from "../../support/observed-group.js";
import type { RunningServer } from "../../support/theseus.js";
import { type GroupText, onStage, type Stage } from "../stage.js";

/** What happens to a group after the backup. */
export type Fate = "grows" | "another image" | "is left alone" | "is new" | "is made again";

export type Kept = {
  readonly group: ObservedGroup;
  readonly reference: string;
  readonly fate: Fate;
  /** Instances that the backup knows, and that there were in the end. */
  readonly before: number;
  readonly after: number;
};

export type Scene = {
  readonly stage: Stage;
  readonly proxy: EngineProxy;
  readonly groups: readonly Kept[];
  readonly backup: string;
  /** As Docker has them in the end: of no group the same before and after the backup. */
  readonly older: readonly SeenContainer[];
  readonly younger: readonly SeenContainer[];
};

type Cast = Pick<Kept, "fate" | "before" | "after">;

const SMALL: readonly Cast[] = [
  { fate: "grows", before: 1, after: 2 },
  { fate: "another image", before: 1, after: 1 },
  { fate: "is new", before: 0, after: 1 },
  { fate: "is left alone", before: 1, after: 1 },
];
const FULL: readonly Cast[] = [
  { fate: "grows", before: 2, after: 6 },
  { fate: "grows", before: 3, after: 4 },
  { fate: "another image", before: 4, after: 4 },
  { fate: "another image", before: 2, after: 3 },
  { fate: "is new", before: 0, after: 4 },
  { fate: "is new", before: 0, after: 2 },
  { fate: "is made again", before: 2, after: 2 },
  { fate: "is left alone", before: 3, after: 3 },
];

/** For the control one container above the backup's number is enough. */
const CASTS = { full: FULL, small: SMALL, least: SMALL.slice(0, 1) } as const;

export const startServer = ({ stage, proxy }: Pick<Scene, "stage" | "proxy">): Promise<RunningServer> =>
  stage.startServer({ dockerSocket: proxy.socket });

/** Runs `work` on a scene of its own with the server that made it. */
export async function onScene<T>(
  size: keyof typeof CASTS,
  work: (scene: Scene, server: RunningServer) => Promise<T>,
): Promise<T> {
  return await onStage(async (stage) => {
    const proxy = await EngineProxy.start();
    const folder = await mkdtemp(join(tmpdir(), "theseus-backup-"));
    try {
      const groups = CASTS[size].map((cast, i) => kept(stage, cast, i));
      const server = await startServer({ stage, proxy });
      const backup = join(folder, "store.db");
      return await work(await play({ stage, proxy, groups, backup }, server), server);
    } finally {
      await stage.strike();
      await proxy.close();
      await rm(folder, { recursive: true, force: true });
    }
  });
}

function kept(stage: Stage, cast: Cast, i: number): Kept {
  const reference = `kept/g${i}`;
  return { ...cast, reference, group: new ObservedGroup(stage, reference) };
}

async function play(set: Omit<Scene, "older" | "younger">, server: RunningServer): Promise<Scene> {
  const { stage, groups, backup } = set;
  await stage.apply(
    server,
    textsOf(
      set,
      groups.filter(({ before }) => before > 0),
      "before",
    ),
  );
  const atBackup = await everything(groups);
  await stage.etcd.ctl("snapshot", "save", backup);
  for (const { reference } of groups.filter(({ fate }) => fate === "is made again")) {
    await stage.theseus(server, "remove", reference, "--yes");
  }
  await stage.apply(
    server,
    textsOf(
      set,
      groups.filter(({ fate }) => fate !== "is left alone"),
      "after",
      await other(stage),
    ),
  );
  const inTheEnd = await everything(groups);
  const known = new Set(atBackup.map(({ id }) => id));
  return {
    ...set,
    older: inTheEnd.filter(({ id }) => known.has(id)),
    younger: inTheEnd.filter(({ id }) => !known.has(id)),
  };
}

/** The same program under another name, so that it is another image. */
async function other(stage: Stage): Promise<string> {
  const image = `theseus-proof-${randomBytes(4).toString("hex")}:2`;
  stage.keepImage(image);
  await importBusyboxImage(stage.engine.socket, image, { version: "2" });
  return image;
}

function textsOf(
  { stage }: Pick<Scene, "stage">,
  groups: readonly Kept[],
  when: "before" | "after",
  another = "",
): Record<string, GroupText> {
  return Object.fromEntries(
    groups.map((kept) => {
      const image = kept.fate === "another image" && when === "after" ? another : stage.image;
      const update = { min_healthy_time: "500ms" };
      const config = { image, instances: kept[when], ports: { http: 8080 }, stop: { grace: "1s" }, update };
      return [kept.reference, config];
    }),
  );
}

/** Every container of the groups, in whatever state. */
export async function everything(groups: readonly Kept[]): Promise<SeenContainer[]> {
  return (await Promise.all(groups.map(({ group }) => group.containers()))).flat();
}
