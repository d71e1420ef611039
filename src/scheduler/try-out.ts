// Finds out whether the containers of a rollout can be created, before anything is stopped for them.

import type { ActionOf } from "../model/action.js";
import type { Intent } from "../model/container.js";
import { isReason } from "../model/errors.js";
import type { GroupConfig, Protocol } from "../model/group.js";
import type { PlanInput } from "../model/plan.js";
import { isOver, type Rollout, type RolloutsRecord, rolloutOf, withRollout } from "../model/rollout.js";
import type { GroupSnapshot } from "../model/store.js";
import { containerSpec } from "./container-spec.js";
import { type ActionContext, type ExecutorDeps, engineOf, record } from "./execute-context.js";
import type { GroupEdit } from "./group-edit.js";
import { isFixed } from "./host-ports.js";
import { failureText } from "./launch-failure.js";
import { portNotFree } from "./slot-records.js";

/**
 * That it could, or why not, is stored with the rollout; a port that is not free with the slot, to be tried again: whoever
 * holds it may go. A host that does not answer is unknown. Of a rollout that is over by then nothing is said.
 */
export async function tryOut(
  deps: ExecutorDeps,
  { rollout, intent, config, image }: ActionOf<"tryOut">,
  context: ActionContext,
): Promise<void> {
  const { ledger, input } = context;
  const note = (edit: GroupEdit) => record(deps, context, edit, (snapshot) => goesOn(snapshot, rollout));
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
      engine.ask((runtime, { end }) => runtime.resolveImage(image, config.pull === "never" ? "never" : "missing", end)),
    );
    const ports = newPorts(intent, config, input);
    await engine.inLane("launch", () => engine.effect((runtime) => runtime.tryOut(spec, ports)));
    await note({ rollouts: (record) => withTrial(record, { ...rollout, tried: true }) });
  } catch (error) {
    const at = deps.office.clock.now();
    if (isReason(error, "PORT_TAKEN")) {
      const trouble = { reason: error.reason, text: failureText(error), slot: intent.slot, host: intent.host };
      await note({ slots: (record) => portNotFree(record, trouble, at) });
      return;
    }
    if (!isReason(error, ...TOLD)) throw error;
    const failure = { reason: error.reason, text: failureText(error), at, slot: intent.slot, host: intent.host };
    await note({ rollouts: (record) => withTrial(record, { ...rollout, failure }) });
  }
}

/** Names of the fixed ports that no container of the group holds there now: one that is replaced gives its own back. */
function newPorts({ host, hostPorts }: Intent, config: GroupConfig, input: PlanInput): readonly string[] {
  const held = new Set(input.intents.filter((one) => one.host === host).flatMap((one) => heldBy(one, input)));
  const fixed = Object.entries(hostPorts).filter(([name, port]) => isFixed(config, name, port));
  const protocolOf = (name: string) => config.ports?.find((one) => one.name === name)?.protocol ?? "tcp";
  return fixed.filter(([name, port]) => !held.has(`${port}/${protocolOf(name)}`)).map(([name]) => name);
}

/** Of a container that was never told of nobody knows the protocols: it may hold both. */
function heldBy({ name, hostPorts }: Intent, { infos }: PlanInput): readonly string[] {
  const told = infos.get(name)?.portMappings ?? {};
  return Object.entries(hostPorts).flatMap(([port, number]) => {
    const protocol = told[port]?.protocol;
    return (protocol === undefined ? PROTOCOLS : [protocol]).map((one) => `${number}/${one}`);
  });
}

const PROTOCOLS: readonly Protocol[] = ["tcp", "udp"];

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

function goesOn({ record: present, rollouts }: GroupSnapshot, { to }: Rollout): boolean {
  const noted = rollouts === undefined ? undefined : rolloutOf(rollouts.value, to);
  return present?.value.configRevision === to && (noted === undefined || !isOver(noted));
}

/** What else was noted of it meanwhile stays. */
function withTrial(record: RolloutsRecord, { tried, failure, ...rollout }: Rollout): RolloutsRecord {
  const noted = rolloutOf(record, rollout.to) ?? rollout;
  return withRollout(record, {
    ...noted,
    ...(tried === undefined ? {} : { tried }),
    ...(failure === undefined ? {} : { failure }),
  });
}
