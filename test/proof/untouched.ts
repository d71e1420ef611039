// What is not ours is never touched, seen in the engine's events: containers with names like ours, with all our labels
// but another cluster, with exactly the name that we would use, and those of a second Theseus with the same group file.

import { containerName } from "../../src/model/container-name.js";
import { groupRef } from "../../src/model/reference.js";
import type { SeenContainer, SeenEvent } from "../support/observed-engine.js";
import type { RunningServer } from "../support/theseus.js";
import { until } from "../support/until.js";
import { badAnswers } from "./observed-store.js";
import type { Proof, Report, Size } from "./proof.js";
import { onStage, type Stage } from "./stage.js";

const GROUP = "web/dev";
/** What the engine tells of a container that somebody does something to. */
const TOUCHES = ["kill", "stop", "die", "destroy", "pause", "rename", "restart", "update"];

type Stranger = { readonly what: string; readonly id: string };

function groups(stage: Stage, more: Readonly<Record<string, unknown>> = {}) {
  const update = { min_healthy_time: "500ms" };
  return {
    [GROUP]: { image: stage.image, instances: 3, ports: { http: 8080 }, stop: { grace: "1s" }, update, ...more },
  };
}

async function ours(stage: Stage): Promise<SeenContainer[]> {
  return await stage.engine.containers(["theseus.cluster", (await stage.store.clusterId()) ?? ""]);
}

async function groupUid(stage: Stage): Promise<string> {
  const record = (await stage.store.under("/services/web/dev")).get("/services/web/dev");
  return (JSON.parse(record ?? "{}") as { uid: string }).uid;
}

/** The name that the slot's next container will have; only by knowing how names are made can a stranger be in its way. */
async function nextName(stage: Stage, slot: number): Promise<string> {
  const owner = {
    clusterId: (await stage.store.clusterId()) ?? "",
    group: groupRef("web", ["dev"]),
    groupUid: await groupUid(stage),
  };
  const generations = (await ours(stage))
    .filter(({ labels }) => labels["theseus.slot"] === String(slot))
    .map(({ labels }) => Number(labels["theseus.generation"]));
  return containerName(owner, slot, Math.max(...generations) + 1);
}

/** All labels that one of ours has, but of that cluster, in a slot that nobody has. */
async function labelsLikeOurs(stage: Stage, cluster: string): Promise<Record<string, string>> {
  const one = (await ours(stage)).find(({ labels }) => labels["theseus.slot"] === "1");
  const own = Object.entries(one?.labels ?? {}).filter(([name]) => name.startsWith("theseus."));
  return { ...Object.fromEntries(own), "theseus.cluster": cluster };
}

async function strangers(stage: Stage): Promise<Stranger[]> {
  const labels = await labelsLikeOurs(stage, "0123456789abcdef");
  const made = [
    {
      what: "our name pattern, no labels",
      id: await stage.create(`web.dev.1.99-${Date.now().toString(36).slice(-6)}`, {}),
    },
    {
      what: "our labels, another cluster, never started",
      id: await stage.create(`web.dev.like-${Date.now()}`, labels),
    },
    { what: "our labels, another cluster, running", id: await stage.create(`web.dev.run-${Date.now()}`, labels) },
    { what: "the name we would use", id: await stage.create(await nextName(stage, 1), {}) },
  ];
  for (const { what, id } of made) if (!what.includes("never started")) await stage.engine.start(id);
  return made;
}

/** Everything that a server does to its own: replace one that vanished, scale, another config, remove. */
async function live(stage: Stage, server: RunningServer, size: Size): Promise<string[]> {
  const first = (await ours(stage)).find(({ labels }) => labels["theseus.slot"] === "1");
  await stage.engine.remove(first?.id ?? "");
  const third = async () => {
    const slot = (await ours(stage)).filter(({ labels }) => labels["theseus.slot"] === "1");
    return slot.some(({ labels, state }) => Number(labels["theseus.generation"]) > 2 && state === "running");
  };
  const stuck = await until("the generation after the taken name", third, { withinMs: 30_000 }).then(
    () => [],
    (error: Error) => [error.message],
  );
  await stage.theseus(server, "scale", GROUP, "5");
  if (size === "full") await stage.apply(server, groups(stage, { env: { COLOUR: "blue" } }));
  await stage.theseus(server, "scale", GROUP, "1", "--yes");
  await stage.theseus(server, "remove", GROUP, "--yes");
  const left = (await ours(stage)).map(({ name }) => `${name} is left after the removal`);
  return [...stuck, ...left];
}

function touches(events: readonly SeenEvent[], watched: readonly Stranger[]): string[] {
  const names = new Map(watched.map(({ id, what }) => [id, what]));
  return events
    .filter(({ id, action }) => names.has(id) && TOUCHES.includes(action))
    .map(({ id, action }) => `${names.get(id)}: ${action}`);
}

/** Two servers with a store each and the same group file; the first one lives, the second one is watched. */
async function check(size: Size): Promise<Report> {
  return await onStage(async (stage) =>
    onStage(async (neighbour) => {
      const [server, other] = [await stage.startServer(), await neighbour.startServer()];
      await stage.apply(server, groups(stage));
      await neighbour.apply(other, groups(neighbour));
      // From then on a neighbour's container is left alone by its own server, too.
      await stable(neighbour);
      const watched = [
        ...(await strangers(stage)),
        ...(await ours(neighbour)).map(({ id, name }) => ({ what: `neighbour's ${name}`, id })),
      ];
      const events = await stage.engine.follow();
      const failures = await live(stage, server, size);
      const answers = (await Promise.all((await neighbour.store.infos()).map(badAnswers))).flat();
      events.close();
      return { cases: watched.length, violations: [...failures, ...answers, ...touches(events.seen, watched)] };
    }),
  );
}

async function stable(stage: Stage): Promise<void> {
  await until("the neighbour to be stable", async () => {
    const policies = (await ours(stage)).map(async ({ id }) => {
      type Inspected = { HostConfig: { RestartPolicy: { Name: string } } };
      return (await stage.engine.json<Inspected>("GET", `/containers/${id}/json`)).HostConfig.RestartPolicy.Name;
    });
    return (await Promise.all(policies)).every((policy) => policy !== "no");
  });
}

/** The cluster's id is what protects: a stranger with *our* id, never started and not in the store, is a stray. */
async function control(): Promise<Report> {
  return await onStage(async (stage) => {
    const server = await stage.startServer();
    await stage.apply(server, groups(stage));
    const labels = await labelsLikeOurs(stage, (await stage.store.clusterId()) ?? "");
    const events = await stage.engine.follow();
    const id = await stage.create(`web.dev.stray-${Date.now()}`, labels);
    await stage.theseus(server, "scale", GROUP, "4");
    await until("the stray to go", () => events.seen.some((e) => e.id === id && e.action === "destroy")).catch(
      () => false,
    );
    events.close();
    return { cases: 1, violations: touches(events.seen, [{ what: "our own cluster id", id }]) };
  });
}

export const untouched: Proof = { name: "untouched", check, control };
