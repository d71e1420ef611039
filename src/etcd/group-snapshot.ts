// Everything about one group at one revision, decoded.

import type { ContainerInfo, Intent } from "../model/container.js";
import { isManagedName } from "../model/container-name.js";
import type { EtcdWire, KeyValue, Logger } from "../model/ports.js";
import type { GroupRef } from "../model/reference.js";
import type { GroupSnapshot, Versioned } from "../model/store.js";
import { configRecordCodec } from "./config-codec.js";
import { infoCodec, intentCodec } from "./container-codec.js";
import { readDrains } from "./drains.js";
import type { Codec } from "./json-codec.js";
import { below, configKey, containersPrefix, drainsPrefix, groupKey, rolloutsKey, slotsKey } from "./keys.js";
import { parseKey } from "./parse-key.js";
import { readTogether } from "./ranges.js";
import { groupCodec, slotsCodec } from "./record-codec.js";
import { rolloutsCodec } from "./rollout-codec.js";
import { damaged, mustRead, readStored } from "./stored.js";

/**
 * Reads groups whole. A value of our own that cannot be understood is STORE_DAMAGED, since leaving it out would look
 * like a removal; what another hand put there is left out.
 */
export class GroupReader {
  readonly #wire: EtcdWire;
  readonly #log: Logger;
  /** Group key -> uid, only to ask for the right slots record at the first try. */
  readonly #uids = new Map<string, string>();

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
      const uid = group === undefined ? undefined : mustRead(groupCodec, group).value.uid;
      this.#remember(own, uid);
      if (uid !== undefined && uid !== guess) continue;
      return {
        ref,
        uid,
        record: config === undefined ? undefined : mustRead(configRecordCodec, config),
        ...this.#containers(containers),
        drains: readDrains(leaving, this.#log),
        slots: recordOf(slotsCodec, uid, slots),
        rollouts: recordOf(rolloutsCodec, uid, rollouts),
        revision,
      };
    }
  }

  #remember(own: string, uid: string | undefined): void {
    if (uid === undefined) this.#uids.delete(own);
    else this.#uids.set(own, uid);
  }

  #containers(kvs: readonly KeyValue[]): Pick<GroupSnapshot, "intents" | "infos"> {
    const intents = new Map<string, Versioned<Intent>>();
    const infos = new Map<string, Versioned<ContainerInfo>>();
    for (const kv of kvs) {
      const key = parseKey(kv.key);
      if (key?.kind !== "intent" && key?.kind !== "info") continue;
      const { name } = key.ref;
      const stored = key.kind === "intent" ? readStored(intentCodec, kv) : readStored(infoCodec, kv);
      if ("problem" in stored && !(key.kind === "intent" && isManagedName(name))) {
        this.#log.debug({ key: kv.key, problem: stored.problem }, "skipped a broken value");
      } else if (key.kind === "intent") intents.set(name, readIntent(kv, name));
      else infos.set(name, mustRead(infoCodec, kv));
    }
    return { intents, infos };
  }
}

/** Of what is kept by uid nothing is there without one. */
function recordOf<T>(codec: Codec<T>, uid: string | undefined, kv: KeyValue | undefined): Versioned<T> | undefined {
  return uid === undefined || kv === undefined ? undefined : mustRead(codec, kv);
}

/** STORE_DAMAGED also when key and value name different containers. */
export function readIntent(kv: KeyValue, name: string): Versioned<Intent> {
  const intent = mustRead(intentCodec, kv);
  if (intent.value.name !== name) throw damaged(kv.key, `it names another container, ${intent.value.name}`);
  return intent;
}
