// Finds out whether the containers of a rollout can be created, before anything is stopped for them.

import type { ActionOf } from "../model/action.js";
import { isReason } from "../model/errors.js";
import { type Rollout, type RolloutsRecord, rolloutOf, withRollout } from "../model/rollout.js";
import { containerSpec } from "./container-spec.js";
import { type ActionContext, type ExecutorDeps, engineOf } from "./execute-context.js";
import { failureText } from "./launch-failure.js";

/** That it could, or why not, is stored with the rollout; a host that does not answer is unknown. */
export async function tryOut(
  deps: ExecutorDeps,
  { rollout, intent, config, image }: ActionOf<"tryOut">,
  { ledger, input }: ActionContext,
): Promise<void> {
  const engine = engineOf(deps, intent.host);
  const address = input.hosts.find(({ name }) => name === intent.host)?.address ?? "";
  const spec = containerSpec({
    clusterId: input.clusterId,
    group: ledger.group,
    groupUid: ledger.snapshot.uid ?? "",
    ...{ intent, config, image, address },
    discoveryServers: await deps.discoveryServers(),
    configs: deps.configs,
  });
  try {
    await engine.inLane("pull", () =>
      engine.ask((runtime) => runtime.resolveImage(image, config.pull === "never" ? "never" : "missing")),
    );
    await engine.inLane("launch", () => engine.effect((runtime) => runtime.tryOut(spec)));
    await ledger.commit({ rollouts: (record) => withTrial(record, { ...rollout, tried: true }) });
  } catch (error) {
    if (!isReason(error, ...TOLD)) throw error;
    const at = deps.office.clock.now();
    const failure = { reason: error.reason, text: failureText(error), at, slot: intent.slot, host: intent.host };
    await ledger.commit({ rollouts: (record) => withTrial(record, { ...rollout, failure }) });
  }
}

const TOLD = [
  "IMAGE_NOT_FOUND",
  "IMAGE_DENIED",
  "IMAGE_PLATFORM",
  "COMMAND_NOT_FOUND",
  "CONTAINER_REFUSED",
  "NETWORK_NOT_FOUND",
  "INVALID_REQUEST",
  "HOST_ACCESS_REFUSED",
] as const;

/** What else was noted of it meanwhile stays. */
function withTrial(record: RolloutsRecord, { tried, failure, ...rollout }: Rollout): RolloutsRecord {
  const noted = rolloutOf(record, rollout.to) ?? rollout;
  return withRollout(record, {
    ...noted,
    ...(tried === undefined ? {} : { tried }),
    ...(failure === undefined ? {} : { failure }),
  });
}
