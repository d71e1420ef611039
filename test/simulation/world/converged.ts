// Whether what is there is what was asked: the raw store, the raw engine, and what clients hold, side by side.

import type { Client } from "./client.js";
import { groupOf, type Judge } from "./judge.js";
import type { RawConfig } from "./raw-store.js";
import type { World } from "./world.js";

/** In words, one thing that is not as it was asked; undefined: all is. */
export function unlike(world: World, judge: Judge, clients: readonly Client[]): string | undefined {
  const { store } = judge;
  for (const [group, config] of store.configs) {
    const problem = unlikeAsked(world, judge, { group, config });
    if (problem !== undefined) return problem;
  }
  for (const container of world.engine.containers.values()) {
    const { name } = container.spec;
    if (!store.intents.has(name)) return `${name} of ${groupOf(container)} is on the engine, and in no store`;
  }
  const told = [...store.infos.values()].filter(({ state }) => state === "ready").map(({ name }) => name);
  const held = clients.flatMap(({ ready }) => ready);
  const isTold = told.length === held.length && told.every((name) => held.includes(name));
  return isTold ? undefined : `clients hold ${held.join(", ")}; told are ${told.join(", ")}`;
}

function unlikeAsked(
  { engine }: World,
  { store }: Judge,
  { group, config }: { readonly group: string; readonly config: RawConfig },
): string | undefined {
  if (config.isRemoving) return `${group} is being removed`;
  const running = engine.running().filter((one) => groupOf(one) === group);
  const slots = running.map(({ spec }) => spec.owner.slot).sort((a, b) => a - b);
  const wanted = Array.from({ length: config.instances }, (_, i) => i + 1);
  if (slots.join() !== wanted.join()) return `${group} has slots [${slots}] running, wanted are [${wanted}]`;
  const other = running.find(({ spec }) => !spec.image.startsWith(`${config.image}@`));
  if (other !== undefined) return `${other.spec.name} runs ${other.spec.image}, wanted is ${config.image}`;
  const unready = running.find(({ spec }) => store.infos.get(spec.name)?.state !== "ready");
  if (unready !== undefined) return `${unready.spec.name} runs and is not told ready`;
  const unmeant = running.find(({ spec }) => store.intents.get(spec.name)?.phase !== "running");
  if (unmeant !== undefined) return `${unmeant.spec.name} runs, and is not meant to`;
  const more = [...store.intents.values()].find(
    (intent) => intent.group === group && !running.some(({ spec }) => spec.name === intent.name),
  );
  return more === undefined ? undefined : `${more.name} is meant to be ${more.phase}, and does not run`;
}
