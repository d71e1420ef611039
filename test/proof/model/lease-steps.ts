// Commands on leases: grant, revoke, keepalive, time to live, list, and one that really runs out.

import { once } from "node:events";
import fc from "fast-check";
import { LeaseKeepAliveRequest, type LeaseKeepAliveResponse, PutRequest } from "../../../src/embedded/gen/etcd.js";
import type { EtcdApiClient } from "../../support/etcd-api.js";
import { until } from "../../support/until.js";
import { difference, sorted } from "./compared.js";
import { leaseOf, someLease } from "./picks.js";
import type { Stage, Step } from "./step.js";

/** Too long to run out in a run. */
const TTLS = [600n, 1000n, 86_400n];

export const leaseGrant: fc.Arbitrary<Step> = fc
  .record({ id: fc.bigInt({ min: 1n, max: 12n }), ttl: fc.constantFrom(...TTLS) })
  .map((plan) => ({
    kind: "leaseGrant",
    plan,
    run: async (stage) => {
      if ((await stage.call("leaseGrant", plan)) !== undefined) stage.world.beginLease(plan.id);
    },
  }));

/** Seconds, on either side of full ones. */
const ROUNDING = 2n;

/** A time to live under the shortest that etcd gives. */
export const shortLease: fc.Arbitrary<Step> = fc.constantFrom(-3n, 0n, 1n, 2n).map((ttl) => ({
  kind: "leaseGrant",
  plan: { ttl },
  run: async (stage) => {
    await stage.call("leaseGrant", { id: 77n, ttl });
    await stage.call("leaseRevoke", { id: 77n });
  },
}));

export const leaseRevoke: fc.Arbitrary<Step> = someLease.map((plan) => ({
  kind: "leaseRevoke",
  plan,
  run: async (stage) => await revoke(stage, leaseOf(plan, stage.world)),
}));

export async function revoke(stage: Stage, id: bigint): Promise<void> {
  const response = await stage.call("leaseRevoke", { id });
  if (response === undefined) return;
  stage.world.change((world) => world.endLease(id));
  stage.check(response.header?.revision);
}

export const leaseKeepAlive: fc.Arbitrary<Step> = someLease.map((plan) => ({
  kind: "leaseKeepAlive",
  plan,
  run: async ({ pair, world }) => {
    const id = leaseOf(plan, world);
    if (world.leases.includes(id)) world.beginLease(id);
    const answers = await Promise.all([keepAlive(pair.etcd.api, id), keepAlive(pair.embedded.api, id)]);
    const differs = difference(...answers);
    if (differs !== undefined) throw new Error(`leaseKeepAlive ${id}:${differs}`);
  },
}));

/** One request on a stream of its own, which then ends well. */
async function keepAlive(api: EtcdApiClient, id: bigint): Promise<unknown> {
  const stream = api.leaseKeepAlive();
  const answers: LeaseKeepAliveResponse[] = [];
  stream.on("data", (response: LeaseKeepAliveResponse) => answers.push(response));
  stream.on("error", () => undefined);
  stream.end(LeaseKeepAliveRequest.fromPartial({ id }));
  const [status] = await once(stream, "status");
  return { answers, code: status.code, ...(status.code === 0 ? {} : { text: status.details }) };
}

export const leaseTimeToLive: fc.Arbitrary<Step> = fc.record({ lease: someLease, keys: fc.boolean() }).map((plan) => ({
  kind: "leaseTimeToLive",
  plan,
  run: async (stage) => {
    const request = { id: leaseOf(plan.lease, stage.world), keys: plan.keys };
    const age = stage.world.ageOfLease(request.id);
    const answers = await stage.pair.call("leaseTimeToLive", request);
    const shown = answers.map((answer) => {
      if (!("ok" in answer)) return answer;
      const { ttl, keys, ...rest } = answer.ok;
      const isRight = ttl > 0n && ttl <= rest.grantedTtl && ttl >= rest.grantedTtl - age - ROUNDING;
      return { ...rest, keys: sorted(keys), ttl: isRight ? "right" : ttl };
    });
    const differs = difference(shown[0], shown[1]);
    if (differs !== undefined) throw new Error(`leaseTimeToLive ${request.id}:${differs}`);
  },
}));

export const leaseLeases: fc.Arbitrary<Step> = fc.constant({
  kind: "leaseLeases",
  plan: {},
  run: async (stage) => {
    await stage.call("leaseLeases", {}, ({ header, leases }) => ({ header, leases: sorted(leases) }));
  },
});

const SHORT_LEASE = 1_000_001n;
/** Other than the keys of other commands, so that both are there whatever has run. */
const LEASED = ["leased/1", "leased/2"].map((text) => Buffer.from(text));

/** The keys go as one revision; no command runs meanwhile, since the two stores see the end at different moments. */
export const leaseExpiry: fc.Arbitrary<Step> = fc.constant({
  kind: "lease runs out",
  plan: {},
  run: async (stage) => {
    await stage.call("leaseGrant", { id: SHORT_LEASE, ttl: 2n });
    for (const key of LEASED) {
      await stage.call("put", PutRequest.fromPartial({ key, lease: SHORT_LEASE }));
      stage.world.change((world) => world.put(key, SHORT_LEASE));
    }
    const over = stage.world.revision + 1n;
    const isOver = async (api: EtcdApiClient) => (await api.must("leaseLeases", {})).header?.revision === over;
    await until("both stores to end a lease", async () => {
      return (await isOver(stage.pair.etcd.api)) && (await isOver(stage.pair.embedded.api));
    });
    stage.world.change((world) => world.endLease(SHORT_LEASE));
    await stage.call("leaseTimeToLive", { id: SHORT_LEASE, keys: true });
  },
});
