// The world's store as an observer reads it: keys and values as they are written, in code of its own. Knows every revision
// of what is mirrored, so that whoever shows a state can be compared with the state that was.

import type { Version } from "../../../src/embedded/history.js";

export type Json = Readonly<Record<string, unknown>>;

export type RawIntent = {
  readonly group: string;
  readonly name: string;
  readonly slot: number;
  readonly generation: number;
  readonly configRevision: number;
  readonly phase: string;
};

export type RawInfo = {
  readonly group: string;
  readonly name: string;
  readonly state: string;
};

export type RawConfig = {
  readonly revision: number;
  readonly image: string;
  readonly instances: number;
  readonly maxParallel: number;
  readonly order: string;
  readonly isRemoving: boolean;
  readonly actor: string;
};

export type RawKey =
  | { readonly kind: "group" | "config"; readonly group: string }
  | { readonly kind: "intent" | "info"; readonly group: string; readonly name: string }
  | {
      readonly kind:
        | "leader"
        | "drain"
        | "answer"
        | "epoch"
        | "slots"
        | "rollouts"
        | "host"
        | "evidence"
        | "recovery"
        | "other";
    };

const GROUP = /^\/services\/([^/]+)\/([^/]+)(?:\/(config)|\/containers\/([^/]+)(\/info)?)?$/;
const OWN = ["epochs", "slots", "rollouts", "hosts", "evidence"] as const;
const KINDS = { epochs: "epoch", slots: "slots", rollouts: "rollouts", hosts: "host", evidence: "evidence" } as const;

export function readKey(key: string): RawKey {
  if (key === "/theseus/leader") return { kind: "leader" };
  if (key === "/theseus/recovery") return { kind: "recovery" };
  const found = GROUP.exec(key);
  if (found !== null) {
    const group = `${found[1]}/${found[2]}`;
    if (found[3] !== undefined) return { kind: "config", group };
    if (found[4] === undefined) return { kind: "group", group };
    return { kind: found[5] === undefined ? "intent" : "info", group, name: found[4] };
  }
  if (key.startsWith("/theseus/drains/")) return { kind: key.split("/").length > 7 ? "answer" : "drain" };
  const own = OWN.find((one) => key.startsWith(`/theseus/${one}/`));
  return { kind: own === undefined ? "other" : KINDS[own] };
}

/** Of the mirrored range, what everybody understands. */
export const isMirrored = (key: string): boolean => key.startsWith("/services/") || key.startsWith("/theseus/drains/");

type Past = { readonly revision: number; readonly value: string | undefined };
/** What was written, and at which revision. */
export type Stood = { readonly revision: number; readonly value: string };
/** One revision: each key of it with its value; undefined: it was deleted. */
export type Mirrored = { readonly revision: number; readonly values: ReadonlyMap<string, string | undefined> };

export class RawStore {
  readonly #values = new Map<string, string>();
  readonly #pasts = new Map<string, Past[]>();
  readonly #mirrored: Mirrored[] = [];
  readonly configs = new Map<string, RawConfig>();
  readonly intents = new Map<string, RawIntent>();
  readonly infos = new Map<string, RawInfo>();
  revision = 0;

  /** Server id of who holds the leader key. */
  get leader(): string | undefined {
    return this.#values.get("/theseus/leader");
  }

  /** Revisions that changed what is mirrored, in order. */
  get mirrored(): readonly Mirrored[] {
    return this.#mirrored;
  }

  value(key: string): string | undefined {
    return this.#values.get(key);
  }

  keys(prefix: string): readonly string[] {
    return [...this.#values.keys()].filter((key) => key.startsWith(prefix));
  }

  apply(revision: number, changes: readonly Version[]): void {
    this.revision = revision;
    const touched = new Map<string, string | undefined>();
    for (const { key, deleted, kv } of changes) {
      const value = deleted ? undefined : kv.value.toString();
      if (value === undefined) this.#values.delete(key);
      else this.#values.set(key, value);
      this.#understand(key, value);
      if (!isMirrored(key)) continue;
      touched.set(key, value);
      const past = this.#pasts.get(key);
      if (past === undefined) this.#pasts.set(key, [{ revision, value }]);
      else past.push({ revision, value });
    }
    if (touched.size > 0) this.#mirrored.push({ revision, values: touched });
  }

  /** Everything is as another history has it; what was before that is not known. */
  restart(revision: number, all: readonly Version[]): void {
    for (const map of [this.#values, this.#pasts, this.configs, this.intents, this.infos]) map.clear();
    this.#mirrored.length = 0;
    for (const version of all) this.apply(version.revision, [version]);
    this.#mirrored.length = 0;
    this.revision = revision;
  }

  /** What is mirrored, as it was. */
  at(revision: number): ReadonlyMap<string, Stood> {
    const found = new Map<string, Stood>();
    for (const [key, past] of this.#pasts) {
      const standing = past.findLast((one) => one.revision <= revision);
      if (standing?.value !== undefined) found.set(key, { revision: standing.revision, value: standing.value });
    }
    return found;
  }

  /** Names of what was told of a service's groups, as it was, with whether it was ready. */
  toldAt(revision: number, service: string): ReadonlyMap<string, boolean> {
    const found = new Map<string, boolean>();
    for (const [key, past] of this.#pasts) {
      if (!key.endsWith("/info") || !key.startsWith(`/services/${service}/`)) continue;
      const value = past.findLast((one) => one.revision <= revision)?.value;
      if (value === undefined) continue;
      found.set(key.split("/").at(-2) ?? "", stateOf(value) === "ready");
    }
    return found;
  }

  #understand(key: string, value: string | undefined): void {
    const known = readKey(key);
    if (known.kind === "config") put(this.configs, known.group, value, readConfig);
    else if (known.kind === "intent") put(this.intents, known.name, value, (text) => readIntent(known.group, text));
    else if (known.kind === "info") {
      const { group, name } = known;
      put(this.infos, name, value, (text) => ({ group, name, state: stateOf(text) }));
    }
  }
}

function put<T>(map: Map<string, T>, id: string, value: string | undefined, read: (text: string) => T): void {
  if (value === undefined) map.delete(id);
  else map.set(id, read(value));
}

function stateOf(text: string): string {
  return String((JSON.parse(text) as Json)["state"] ?? "ready");
}

function readIntent(group: string, text: string): RawIntent {
  const value = JSON.parse(text) as Json;
  return {
    ...{ group, name: String(value["name"]), slot: Number(value["slot"]), generation: Number(value["generation"]) },
    ...{ configRevision: Number(value["config_revision"]), phase: String(value["phase"]) },
  };
}

function readConfig(text: string): RawConfig {
  const value = JSON.parse(text) as Json;
  const config = value["config"] as Json;
  const update = (config["update"] ?? {}) as Json;
  const change = value["change"] as Json | undefined;
  return {
    revision: Number(value["config_revision"]),
    image: String(config["image"]),
    instances: Number(config["instances"] ?? 1),
    maxParallel: Number(update["max_parallel"] ?? 1),
    order: String(update["order"] ?? "auto"),
    isRemoving: value["removing"] !== undefined && value["removing"] !== null,
    actor: String(change?.["actor"] ?? value["actor"] ?? ""),
  };
}
