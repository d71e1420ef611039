// What --clean does before the server stops: removal is asked for every group, as a person would ask for it, and waited
// for until neither the store nor the engine has any of it left. Volumes stay.

import type { Config } from "../config.js";
import { shellWord } from "../embedded/shell-word.js";
import { isReason, TheseusError } from "../model/errors.js";
import { MINUTE, type Milliseconds } from "../model/instant.js";
import { DEFAULT_NAMESPACE } from "../model/names.js";
import type { Clock, Logger, Runtime } from "../model/ports.js";
import { formatGroup, type GroupRef } from "../model/reference.js";
import type { ChangeStore, SchedulerStore } from "../model/store.js";

export type Cleaning = {
  readonly store: Pick<SchedulerStore, "listGroups" | "readGroup"> & Pick<ChangeStore, "changeGroups">;
  readonly engine: Promise<Pick<Runtime, "list">>;
  readonly clock: Clock;
  readonly log: Logger;
};

const LOOK_EVERY: Milliseconds = 200;
/** Without anything going: longer than most containers take to stop. */
const PATIENCE: Milliseconds = MINUTE;
const LONGEST: Milliseconds = 10 * MINUTE;

type Server = { removeEverything(): Promise<readonly string[]>; stop(): Promise<void> };

/** Stops the server, with --clean after removing everything. @returns the exit code: 1 when something of that is left. */
export async function stopAsAsked(
  { clean, store }: Config,
  server: Server,
  say: (text: string) => void,
): Promise<number> {
  if (!clean || store.kind !== "embedded") {
    await server.stop();
    return 0;
  }
  say("removing all groups; ctrl-c again leaves the rest as it is\n");
  const left = await server.removeEverything();
  await server.stop();
  if (left.length > 0) {
    const again = `theseus server start --dev --clean --data ${shellWord(store.folder)}`;
    say(`left as it is: ${left.join(", ")}\ngo on: ${again}\n`);
    return 1;
  }
  const { removeStore } = await import("../embedded/remove.js");
  try {
    const others = await removeStore(store.folder);
    const besides = others.length === 0 ? ", its folder too" : `; in ${store.folder} stays ${others.join(", ")}`;
    say(`everything is removed${besides}\n`);
    return 0;
  } catch (error) {
    say(`all groups are removed, ${store.folder} is not: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

/** @returns what is left after all, in words; nothing: everything is gone. Never rejects; bounded in time. */
export async function removeEverything(cleaning: Cleaning): Promise<readonly string[]> {
  const { clock } = cleaning;
  const begun = clock.monotonic();
  let left: readonly string[] = [];
  for (let changed = begun; clock.monotonic() - changed < PATIENCE && clock.monotonic() - begun < LONGEST; ) {
    const now = await remaining(cleaning);
    if (now.length === 0) return [];
    if (now.join() !== left.join()) changed = clock.monotonic();
    left = now;
    await clock.sleep(LOOK_EVERY);
  }
  return left;
}

async function remaining(cleaning: Cleaning): Promise<readonly string[]> {
  try {
    const { groups } = await cleaning.store.listGroups();
    const kept = await Promise.all(groups.map((group) => ask(cleaning, group)));
    const { ours } = await (await cleaning.engine).list();
    return [...kept.flat(), ...ours.map(({ name }) => `container ${name}`)];
  } catch (error) {
    return [error instanceof TheseusError ? error.facts.what : String(error)];
  }
}

/** The group's name while anything of it is Theseus's own; registrations of other programs are not. */
async function ask({ store, clock, log }: Cleaning, ref: GroupRef): Promise<string[]> {
  const { record, intents } = await store.readGroup(ref);
  if (record === undefined && intents.size === 0) return [];
  if (record !== undefined && record.value.removing === undefined) {
    const change = { actor: "theseus", command: "server start --clean", message: "", time: clock.now() };
    const context = { namespace: ref.namespace, requestId: "", digest: "", change };
    const removal = { kind: "remove", ref, from: record.value.configRevision, volumes: false } as const;
    try {
      await store.changeGroups([removal], context);
    } catch (error) {
      // Somebody else changed it in between: it is looked at again.
      if (!isReason(error, "CONFLICT", "GROUP_REMOVING", "NO_SUCH_GROUP")) throw error;
      log.debug({ error }, "removing was asked for too late");
    }
  }
  return [ref.namespace === DEFAULT_NAMESPACE ? formatGroup(ref) : `${formatGroup(ref)} in ${ref.namespace}`];
}
