// One group as Docker and the store show it, never as Theseus tells it.

import type { SeenInfo } from "../proof/observed-store.js";
import type { Stage } from "../proof/stage.js";
import { engineRequest } from "./engine-api.js";
import type { Label, SeenContainer } from "./observed-engine.js";
import { type Patience, until } from "./until.js";

/** The engine's own checks, where there are any. */
type SeenHealth = { readonly Health?: { readonly Log: readonly unknown[] | null } };

/** As the engine inspects it. */
export type Inspected = {
  readonly Id: string;
  readonly RestartCount: number;
  readonly State: { readonly Status: string; readonly StartedAt: string; readonly ExitCode: number } & SeenHealth;
  readonly HostConfig: { readonly RestartPolicy: { readonly Name: string } };
};

/** One entry of the slots record. */
export type SeenSlot = { readonly generation: number; readonly failures: number };

/** One of the rollouts record. */
export type SeenRollout = {
  readonly to: number;
  readonly from?: number;
  readonly state: string;
  readonly failure?: { readonly reason: string; readonly text: string };
  readonly back_by?: number;
  readonly takes_back?: number;
};

export class ObservedGroup {
  /** As requests name it. */
  readonly ref: { readonly namespace: string; readonly service: string; readonly labels: readonly string[] };
  /** Of its key in the store, without a slash at the end. */
  readonly key: string;
  readonly #stage: Stage;

  /** @param reference like `web/dev,frontend`, with at least one label. */
  constructor(stage: Stage, reference: string, namespace = "default") {
    const [service = "", labels = ""] = reference.split("/");
    this.ref = { namespace, service, labels: labels.split(",") };
    this.key = `${namespace === "default" ? "" : `/namespaces/${namespace}`}/services/${reference}`;
    this.#stage = stage;
  }

  /** By slot, then generation. */
  async containers(): Promise<SeenContainer[]> {
    const cluster = (await this.#stage.store.clusterId()) ?? "";
    const { namespace, service, labels } = this.ref;
    const own: readonly Label[] = [
      ["theseus.cluster", cluster],
      ["theseus.namespace", namespace],
      ["theseus.service", service],
      ["theseus.labels", labels.join(",")],
    ];
    const found = await this.#stage.engine.containers(...own);
    return found.sort((a, b) => slotOf(a) - slotOf(b) || generationOf(a) - generationOf(b));
  }

  /** In the same order; the engine lists a container a moment before it can be inspected, and a moment after. */
  async inspected(): Promise<Inspected[]> {
    const { socket } = this.#stage.engine;
    const found = (await this.containers()).map(async ({ id }) => {
      const { status, body } = await engineRequest(socket, "GET", `/containers/${id}/json`);
      return status === 404 ? [] : [JSON.parse(body) as Inspected];
    });
    return (await Promise.all(found)).flat();
  }

  async infos(): Promise<SeenInfo[]> {
    return await this.#stage.store.infos(`${this.key}/`);
  }

  async uid(): Promise<string> {
    const record = (await this.#stage.store.under(this.key)).get(this.key);
    return (JSON.parse(record ?? "{}") as { uid?: string }).uid ?? "";
  }

  async slots(): Promise<Record<string, SeenSlot>> {
    const key = `/theseus/slots/${this.ref.namespace}/${await this.uid()}`;
    const record = (await this.#stage.store.under(key)).get(key);
    return record === undefined ? {} : (JSON.parse(record) as { slots: Record<string, SeenSlot> }).slots;
  }

  /** What the store keeps of its rollouts, newest first. */
  async rollouts(): Promise<readonly SeenRollout[]> {
    const key = `/theseus/rollouts/${this.ref.namespace}/${await this.uid()}`;
    const record = (await this.#stage.store.under(key)).get(key);
    return record === undefined ? [] : (JSON.parse(record) as { rollouts: readonly SeenRollout[] }).rollouts;
  }

  /** As soon as exactly so many containers are there, all running, and the store tells just those as ready. */
  async ready(count: number, patience: Patience = {}): Promise<SeenContainer[]> {
    return await until(`exactly ${count} ready of ${this.key}`, () => this.#settled(count), { ...SLOW, ...patience });
  }

  /** As soon as neither a container nor a key is left of it. */
  async gone(patience: Patience = {}): Promise<void> {
    const isGone = async () =>
      (await this.containers()).length === 0 && (await this.#stage.store.under(this.key)).size === 0;
    await until(`${this.key} to be gone`, isGone, { ...SLOW, ...patience });
  }

  /** As soon as the engine may restart all of them by itself, which is the last thing that is done to a container. */
  async stable(): Promise<Inspected[]> {
    return await until(
      `${this.key} to be stable`,
      async () => {
        const found = await this.inspected();
        return found.every(({ HostConfig }) => HostConfig.RestartPolicy.Name !== "no") && found;
      },
      SLOW,
    );
  }

  async #settled(count: number): Promise<SeenContainer[] | false> {
    const containers = await this.containers();
    if (containers.length !== count || containers.some(({ state }) => state !== "running")) return false;
    const keys = await this.#stage.store.under(`${this.key}/containers/`);
    const wanted = containers
      .flatMap(({ name }) => [name, `${name}/info`])
      .map((end) => `${this.key}/containers/${end}`);
    const told = [...keys].filter(([key]) => key.endsWith("/info")).map(([, value]) => JSON.parse(value) as SeenInfo);
    if (keys.size !== wanted.length || !wanted.every((key) => keys.has(key))) return false;
    return told.every(({ state }) => state === "ready") && containers;
  }
}

const SLOW: Patience = { withinMs: 40_000, everyMs: 100 };

export const slotOf = ({ labels }: Pick<SeenContainer, "labels">): number => Number(labels["theseus.slot"]);
export const generationOf = ({ labels }: Pick<SeenContainer, "labels">): number => Number(labels["theseus.generation"]);
