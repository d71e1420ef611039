// The store is put back to a backup older than at least half of what runs, with the server running and with it stopped:
// nothing is stopped, removed or replaced, the alarm names exactly what is younger, and a person's word brings everything
// back to rest, with the same containers or without exactly those.

import type { SeenContainer, SeenEvent } from "../../support/observed-engine.js";
import type { RunningServer } from "../../support/theseus.js";
import { until } from "../../support/until.js";
import type { Proof, Report, Size } from "../proof.js";
import { everything, type Kept, onScene, type Scene, startServer } from "./backed-up.js";

/** How often the scheduler is made to look at every group while nothing may happen. */
const LOOKS = { small: 2, full: 12 } as const;
const SLOW = { withinMs: 60_000, everyMs: 100 };
/** What takes a container away, or makes one. */
const HARM = new Set(["kill", "die", "stop", "destroy", "create", "start", "restart", "rename"]);

type Mode = "server running" | "server stopped";
type Word = "--adopt" | "--remove";
type Trial = { readonly scene: Scene; readonly server: RunningServer; readonly size: Size };

/** Puts the store back, and gives the server that then is there. */
async function putBack(scene: Scene, server: RunningServer, mode: Mode): Promise<RunningServer> {
  if (mode === "server running") {
    await scene.stage.etcd.restore(scene.backup);
    return server;
  }
  await server.child.stop();
  await scene.stage.etcd.restore(scene.backup);
  return await startServer(scene);
}

type Status = { readonly checks: readonly { readonly id: string; readonly text: string }[] };

async function problems(server: RunningServer): Promise<string> {
  const { code, stdout } = await server.theseus(["server", "status", "-o", "json"]);
  if (code !== 1) return "";
  return (JSON.parse(stdout) as Status).checks.map(({ text }) => text).join("\n");
}

/** As the alarm names them, of all that run. */
async function named(scene: Scene, server: RunningServer): Promise<readonly SeenContainer[]> {
  const text = await problems(server);
  return [...scene.older, ...scene.younger].filter(({ name }) => text.includes(name));
}

/** A harmless change by hand to one container of each group, of which the engine tells the scheduler. */
async function provokeLooks({ stage, proxy, older, younger }: Scene, times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    for (const { id } of [...older, ...younger]) {
      const before = proxy.listings;
      await stage.engine.json("POST", `/containers/${id}/update`, { CpuShares: 100 + i });
      await until("the scheduler to look", () => proxy.listings > before);
    }
  }
}

const nameOf = ({ name }: { readonly name: string }): string => name;

/** While nobody has spoken: what happened to containers, and whether the alarm names exactly the younger ones. */
async function watched(scene: Scene, server: RunningServer, size: Size): Promise<string[]> {
  const wanted = new Set(scene.younger.map(nameOf));
  const isNamed = async () =>
    (await named(scene, server)).filter(({ name }) => wanted.has(name)).length === wanted.size;
  await until("the alarm to name what is younger", isNamed, SLOW);
  await provokeLooks(scene, LOOKS[size]);
  const seen = await named(scene, server);
  const tooMany = seen.filter(({ name }) => !wanted.has(name)).map(({ name }) => `the alarm names ${name}`);
  const tooFew = scene.younger.filter((one) => !seen.includes(one)).map(({ name }) => `the alarm leaves out ${name}`);
  return [...tooMany, ...tooFew, ...(await unserved(scene, server))];
}

/** What the backup knows and what runs is found, as long as it answers. */
async function unserved({ older }: Scene, server: RunningServer): Promise<string[]> {
  const stdout = await until(
    "discovery to serve what it knows",
    async () => {
      const found = await server.theseus(["discover", "kept", "--all", "-o", "json"]);
      return older.every(({ name }) => found.stdout.includes(name)) && found.stdout;
    },
    SLOW,
  ).catch(() => "");
  return older.filter(({ name }) => !stdout.includes(name)).map(({ name }) => `discovery does not know ${name}`);
}

/** Looking changes nothing, and shows what the alarm names. */
async function shown({ stage, younger }: Scene, server: RunningServer): Promise<string[]> {
  const before = await stage.store.under("/services/");
  const text = await stage.theseus(server, "recover", "--adopt", "--dry-run", "-o", "json");
  const { items } = JSON.parse(text) as { items: readonly { container: string }[] };
  const listed = items.map(({ container }) => container).sort();
  const after = await stage.store.under("/services/");
  return [
    ...(JSON.stringify(listed) === JSON.stringify(younger.map(nameOf).sort()) ? [] : [`recover lists ${listed}`]),
    ...[...after].filter(([key, value]) => before.get(key) !== value).map(([key]) => `recover changed ${key}`),
  ];
}

const harmTo = (events: readonly SeenEvent[], ids: ReadonlySet<string>): string[] =>
  events
    .filter(({ id, action }) => ids.has(id) && HARM.has(action))
    .map(({ action, attributes }) => `the engine says ${action} of ${attributes["name"]}`);

/** At rest as Docker and the store show it: each group with so many containers, ready, and nothing else of it. */
async function atRest(groups: readonly Kept[], count: (kept: Kept) => number): Promise<string[]> {
  const waits = groups.map(async (kept) => {
    const wanted = count(kept);
    await (wanted === 0 ? kept.group.gone() : kept.group.ready(wanted));
  });
  const results = await Promise.allSettled(waits);
  return results.flatMap((result) => (result.status === "rejected" ? [String(result.reason)] : []));
}

async function adopt(trial: Trial): Promise<string[]> {
  const { scene, server } = trial;
  const { stage, groups } = scene;
  const ids = new Set([...scene.older, ...scene.younger].map(({ id }) => id));
  const events = await stage.engine.follow();
  await stage.theseus(server, "recover", "--adopt", "--yes", "-m", "the backup was old");
  const unrest = await atRest(groups, ({ after }) => after);
  const present = new Set((await everything(groups)).map(({ id }) => id));
  const lost = [...scene.older, ...scene.younger].filter(({ id }) => !present.has(id));
  events.close();
  const after = [...unrest, ...harmTo(events.seen, ids), ...lost.map(({ name }) => `${name} is gone after adopting`)];
  return [...after, ...(await goesOn(trial, ({ after: instances }) => instances))];
}

async function remove(trial: Trial): Promise<string[]> {
  const { scene, server } = trial;
  const { stage, groups, older, younger } = scene;
  const events = await stage.engine.follow();
  await stage.theseus(server, "recover", "--remove", "--yes");
  const unrest = await atRest(groups, ({ before }) => before);
  const present = await everything(groups);
  events.close();
  const ids = new Set(present.map(({ id }) => id));
  const names = new Set(younger.map(nameOf));
  return [
    ...unrest,
    ...harmTo(events.seen, new Set(older.map(({ id }) => id))),
    ...younger.filter(({ id }) => ids.has(id)).map(({ name }) => `${name} is still there`),
    ...present.filter(({ name }) => names.has(name)).map(({ name }) => `${name} is used again`),
    ...older.filter(({ id }) => !ids.has(id)).map(({ name }) => `${name} is gone although it is older`),
    ...(await goesOn(trial, ({ before }) => before)),
  ];
}

/** Afterwards a group is scaled and updated as any other. */
async function goesOn({ scene, server, size }: Trial, now: (kept: Kept) => number): Promise<string[]> {
  const { stage, groups } = scene;
  const [first] = groups.filter((kept) => now(kept) > 0);
  if (first === undefined) return ["no group is left"];
  const before = new Set((await first.group.containers()).map(({ id }) => id));
  await stage.theseus(server, "scale", first.reference, String(now(first) + 1), "--yes");
  if (size === "small") return await atRest([first], (kept) => now(kept) + 1);
  await stage.theseus(server, "update", first.reference, "--env", "RECOVERED=yes", "--yes");
  const unrest = await atRest([first], (kept) => now(kept) + 1);
  const kept = (await first.group.containers()).filter(({ id }) => before.has(id));
  return [...unrest, ...kept.map(({ name }) => `${name} was not replaced by the update`)];
}

async function trial(size: Size, mode: Mode, word: Word): Promise<Report> {
  return await onScene(size, async (scene, first) => {
    const { younger, older, stage } = scene;
    if (younger.length < older.length) throw new Error(`${younger.length} are younger, ${older.length} older`);
    const events = await stage.engine.follow();
    const server = await putBack(scene, first, mode);
    const alarm = await watched(scene, server, size);
    const dry = await shown(scene, server);
    events.close();
    const ids = new Set([...older, ...younger].map(({ id }) => id));
    const harm = harmTo(events.seen, ids);
    const then = word === "--adopt" ? await adopt({ scene, server, size }) : await remove({ scene, server, size });
    const violations = [...alarm, ...dry, ...harm, ...then].map((text) => `${mode}, ${word}: ${text}`);
    console.error(`restored: ${mode}, ${word}: ${younger.length} younger and ${older.length} older containers`);
    return { cases: younger.length + older.length, violations };
  });
}

const TRIALS: readonly (readonly [Mode, Word])[] = [
  ["server running", "--adopt"],
  ["server stopped", "--remove"],
  ["server stopped", "--adopt"],
  ["server running", "--remove"],
];

async function check(size: Size): Promise<Report> {
  const reports: Report[] = [];
  for (const [mode, word] of size === "full" ? TRIALS : TRIALS.slice(0, 1)) reports.push(await trial(size, mode, word));
  return {
    cases: reports.reduce((sum, { cases }) => sum + cases, 0),
    violations: reports.flatMap(({ violations }) => violations),
  };
}

/** With the younger containers' own records put into the restored store by hand nothing proves that it is older. */
async function control(): Promise<Report> {
  return await onScene("least", async (scene, server) => {
    const { stage, older, younger, backup } = scene;
    const known = [...(await stage.store.under("/services/")), ...(await stage.store.under("/theseus/slots/"))];
    await server.child.stop();
    await stage.etcd.restore(backup);
    for (const [key, value] of known) {
      if (/\/containers\/|\/theseus\/slots\//.test(key)) await stage.store.put(key, value);
    }
    const ids = new Set([...older, ...younger].map(({ id }) => id));
    const events = await stage.engine.follow();
    await startServer(scene);
    await until("a container to be lost", () => harmTo(events.seen, ids).length > 0, SLOW).catch(() => undefined);
    events.close();
    return { cases: ids.size, violations: harmTo(events.seen, ids) };
  });
}

export const restored: Proof = { name: "restored", check, control };
