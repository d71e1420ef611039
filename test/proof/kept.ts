// Which containers of a stage the engine itself keeps running, as it says itself.

import { until } from "../support/until.js";
import type { Stage } from "./stage.js";

/** Of a busy machine. */
const STABLE_WITHIN_MS = 60_000;

export type Inspected = {
  readonly Id: string;
  readonly Name: string;
  readonly State: { readonly Running: boolean; readonly StartedAt: string };
  readonly HostConfig: { readonly RestartPolicy: { readonly Name: string } };
};

/** Everything of this stage's server, running or not. */
export async function inspectOurs(stage: Stage): Promise<Inspected[]> {
  const seen = await stage.engine.containers(["theseus.cluster", (await stage.store.clusterId()) ?? ""]);
  return await Promise.all(seen.map(({ id }) => stage.engine.json<Inspected>("GET", `/containers/${id}/json`)));
}

/** By a policy with which the engine runs it again when the engine itself comes back; `on-failure` is none. */
export function isKept({ HostConfig }: Inspected): boolean {
  return ["always", "unless-stopped"].includes(HostConfig.RestartPolicy.Name);
}

/** Waits until that many are kept, which the server sees to once they are stable. */
export async function untilKept(stage: Stage, count: number): Promise<void> {
  const kept = async () => (await inspectOurs(stage)).filter(isKept).length === count;
  await until(`${count} stable containers`, kept, { withinMs: STABLE_WITHIN_MS });
}
