// Create, confirm the intent, start, probe: one container's way into life, without waiting for another pass between.

import type { ActionOf } from "../model/action.js";
import type { ContainerInfo, Intent } from "../model/container.js";
import { isReason } from "../model/errors.js";
import { classify } from "../planner/classify.js";
import { infoFor } from "../planner/publish.js";
import { containerSpec } from "./container-spec.js";
import { releaseEdit } from "./end-container.js";
import type { Engine } from "./engine.js";
import { releaseEvents } from "./events.js";
import { keepEvidence } from "./evidence.js";
import { type ActionContext, type ExecutorDeps, engineOf, record } from "./execute-context.js";
import { type GivenUp, givenUp } from "./launch-failure.js";
import { targetAtLaunch } from "./probe-targets.js";

type Launch = ActionOf<"launch">;

/** What one launch works on. */
type Attempt = {
  readonly deps: ExecutorDeps;
  readonly action: Launch;
  readonly context: ActionContext;
  readonly engine: Engine;
  readonly address: string;
  /** Known once it is created. */
  containerId: string | undefined;
};

/** Started, or given up with the reason noted. HOST_UNREACHABLE: unknown, look again. CONFLICT: the intent is not what it was. */
export async function launch(deps: ExecutorDeps, action: Launch, context: ActionContext): Promise<void> {
  const { intent, config, image, containerId } = action;
  const engine = engineOf(deps, intent.host);
  const address = context.input.hosts.find(({ name }) => name === intent.host)?.address ?? "";
  const attempt: Attempt = { deps, action, context, engine, address, containerId };
  const once = (): Promise<void> => engine.inLane("launch", () => launchOnce(attempt));
  try {
    await once().catch(async (error) => {
      if (!isReason(error, "IMAGE_NOT_FOUND") || config.pull === "never") throw error;
      // The image was pinned on another host, or removed here since.
      await engine.inLane("pull", () => engine.ask((runtime, { end }) => runtime.resolveImage(image, "missing", end)));
      await once();
    });
  } catch (error) {
    const end = givenUp(error, intent, config, deps.office.clock.now());
    if (end === undefined) throw error;
    await giveUp(attempt, end);
  }
}

async function launchOnce(attempt: Attempt): Promise<void> {
  const { deps, action, context, engine, address } = attempt;
  const { intent } = action;
  const { group } = context.ledger;
  const containerId = attempt.containerId ?? (await create(attempt));
  attempt.containerId = containerId;
  engine.remember(containerId, { group, name: intent.name });
  // The intent is confirmed between create and start: a create that happens late leaves no running container.
  await context.ledger.commit(confirmation(intent, context));
  await engine.effect((runtime) => runtime.start(containerId));
  const launched = { intent, containerId, group, address };
  const target = targetAtLaunch(action.config, context.input.imageHasHealthcheck, launched);
  if (target !== undefined) deps.prober.watch(target);
}

async function create({ deps, action, context, engine, address }: Attempt): Promise<string> {
  const { ledger, input } = context;
  const spec = containerSpec({
    clusterId: input.clusterId,
    group: ledger.group,
    groupUid: ledger.snapshot.uid ?? "",
    intent: action.intent,
    config: action.config,
    image: action.image,
    address,
    discoveryServers: await deps.discoveryServers(),
    configs: deps.configs,
  });
  const { id } = await engine.effect((runtime, mandate) => runtime.create(spec, mandate));
  return id;
}

/** Also a no-op where it was confirmed before: the fence is what counts. */
function confirmation(
  intent: Intent,
  { input }: ActionContext,
): { putIntents: Intent[]; putInfos: [string, ContainerInfo][] } {
  const confirmed: Intent = { ...intent, phase: "running" };
  const scene = classify(input);
  const member = scene.members.find((one) => one.intent.name === intent.name);
  const isTold = member === undefined || member.info?.state === "starting";
  const info = isTold ? undefined : infoFor(scene, { ...member, intent: confirmed }, "starting");
  return { putIntents: [confirmed], putInfos: info === undefined ? [] : [[intent.name, info]] };
}

/** Why first, then the container, then the keys: what is left over half-way is an unstarted container that the next launch finds. */
async function giveUp({ deps, action, context, engine, containerId }: Attempt, end: GivenUp): Promise<void> {
  const { intent, config } = action;
  const { failure } = end;
  deps.office.log.info({ container: intent.name, why: failure?.attention.text }, "launch given up");
  if (containerId !== undefined) {
    if (failure !== undefined) await keepEvidence(deps, context, { intent, containerId, cause: failure.attention });
    await engine.remove(containerId);
  }
  const released = failure === undefined ? { intent } : { intent, failure };
  const now = deps.office.clock.now();
  const events = releaseEvents(context.ledger.snapshot, released, now);
  const edit = { ...releaseEdit(released, config, now), events };
  await record(deps, context, edit, ({ intents }) => intents.get(intent.name)?.value.generation === intent.generation);
}
