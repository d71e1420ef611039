// Everything about one group at one revision, decoded.

import type { ContainerInfo, Intent } from "../model/container.js";
import { isManagedName } from "../model/container-name.js";
import type { EtcdWire, KeyValue, Logger } from "../model/ports.js";
import type { GroupRef } from "../model/reference.js";
import type { GroupSnapshot, Versioned } from "../model/store.js";
import { configRecordCodec } from "./config-codec.js";
import { infoCodec, intentCodec } from "./container-codec.js";
import { readDrains } from "./drains.js";
import { below, configKey, containersPrefix, drainsPrefix, groupKey, rolloutsKey, slotsKey } from "./keys.js";
import { LastValues, type Reading } from "./last-values.js";
import { parseKey } from "./parse-key.js";
import { readTogether } from "./ranges.js";
import { groupCodec, slotsCodec } from "./record-codec.js";
import { rolloutsCodec } from "./rollout-codec.js";
import { damaged, mustRead } from "./stored.js";

/**
 * Reads groups whole. A value of our own that cannot be understood is STORE_DAMAGED, since leaving it out would look
 * like a removal; what another hand put there is left out.
 */
export class GroupReader {
  readonly #wire: EtcdWire;
  readonly #log: Logger;
  /** Group key -> uid, only to ask for the right slots record at the first try. */
  readonly #uids = new Map<string, string>();
  readonly #last = new LastValues();

  constructor(wire: EtcdWire, log: Logger) {
    this.#wire = wire;
    this.#log = log;
  }

  async read(ref: GroupRef): Promise<GroupSnapshot> {
    const own = groupKey(ref);
    for (;;) {
      const guess = this.#uids.get(own);
      const drains = below(drainsPrefix(ref));
      const byUid = guess === undefined ? [] : [slotsKey(ref.namespace, guess), rolloutsKey(ref.namespace, guess)];
      const records = byUid.map((key) => ({ key }));
      const ranges = [{ key: own }, { key: configKey(ref) }, below(containersPrefix(ref)), drains, ...records];
      const { found, revision } = await readTogether(this.#wire, ranges);
      const [[group] = [], [config] = [], containers = [], leaving = [], [slots] = [], [rollouts] = []] = found;
      const reading = this.#last.reading(own);
      const uid = group === undefined ? undefined : reading.mustRead(groupCodec, group).value.uid;
      this.#remember(own, uid);
      if (uid !== undefined && uid !== guess) continue;
      return {
        ref,
        uid,
        record: reading.mayRead(configRecordCodec, config),
        ...this.#containers(containers, reading),
        drains: readDrains(leaving, this.#log),
        // Of what is kept by uid nothing is there without one.
        slots: uid === undefined ? undefined : reading.mayRead(slotsCodec, slots),
        rollouts: uid === undefined ? undefined : reading.mayRead(rolloutsCodec, rollouts),
        revision,
      };
    }
  }

  #remember(own: string, uid: string | undefined): void {
    if (uid === undefined) this.#uids.delete(own);
    else this.#uids.set(own, uid);
  }

  #containers(kvs: readonly KeyValue[], reading: Reading): Pick<GroupSnapshot, "intents" | "infos"> {
    const intents = new Map<string, Versioned<Intent>>();
    const infos = new Map<string, Versioned<ContainerInfo>>();
    for (const kv of kvs) {
      const key = parseKey(kv.key);
      if (key?.kind !== "intent" && key?.kind !== "info") continue;
      const { name } = key.ref;
      if (key.kind === "info") this.#keep(infos, name, [kv, reading.read(infoCodec, kv)]);
      else if (isManagedName(name)) intents.set(name, ofThatName(kv, name, reading.mustRead(intentCodec, kv)));
      else this.#keep(intents, name, [kv, named(kv, name, reading.read(intentCodec, kv))]);
    }
    return { intents, infos };
  }

  #keep<T>(all: Map<string, Versioned<T>>, name: string, [{ key }, stored]: readonly [KeyValue, Stored<T>]): void {
    if ("problem" in stored) this.#log.debug({ key, problem: stored.problem }, "skipped a broken value");
    else all.set(name, stored);
  }
}

type Stored<T> = Versioned<T> | { readonly problem: string };

/** STORE_DAMAGED also when key and value name different containers. */
export function readIntent(kv: KeyValue, name: string): Versioned<Intent> {
  return ofThatName(kv, name, mustRead(intentCodec, kv));
}

const named = (kv: KeyValue, name: string, stored: Stored<Intent>): Stored<Intent> =>
  "problem" in stored ? stored : ofThatName(kv, name, stored);

function ofThatName(kv: KeyValue, name: string, intent: Versioned<Intent>): Versioned<Intent> {
  if (intent.value.name !== name) throw damaged(kv.key, `it names another container, ${intent.value.name}`);
  return intent;
}
