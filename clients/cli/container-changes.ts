// Following containers over Discovery's watch: what is there, then each change, on stdout. Of changes that come faster
// than they can be told, the newest is told.

import type { Container } from "../gen/theseus/v1/container.js";
import { hostPort } from "../host-port.js";
import type { ServiceState } from "../watch-fold.js";
import type { Context } from "./context.js";
import { requestTarget, wanted } from "./discover/answer.js";
import type { ExitCode } from "./exit-codes.js";
import { following } from "./following.js";
import { containerColumns } from "./output/columns.js";
import { lookOf } from "./output/look.js";
import { containerName, containerObject, namespaceOf } from "./output/objects.js";
import { containerStateWord } from "./output/words.js";
import { formatGroup } from "./references.js";
import type { Target } from "./target.js";
import { type Told, ToldChanges } from "./told-changes.js";

const QUESTION = { port: undefined, includeNotReady: true, minimum: 0, host: undefined };

/** Until the person ends it. @throws Failure USAGE for a format that cannot follow. */
export async function followContainers(context: Context, target: Target): Promise<ExitCode> {
  const changes = new ToldChanges(context, toldOf(context));
  const outages = { lost: () => changes.lost(), back: () => changes.back() };
  return following(context, requestTarget(target), { includeNotReady: true, ...outages }, async (follower) => {
    let state: ServiceState | undefined;
    for (;;) {
      state = await follower.changed(state);
      const { endpoints, revision } = wanted(state, { ...QUESTION, target });
      await changes.now(
        endpoints.flatMap(({ container }) => container ?? []),
        revision,
      );
    }
  });
}

function toldOf(context: Context): Told<Container> {
  const listing = () => ({
    kind: "Container",
    columns: containerColumns(lookOf(context)),
    name: containerName,
    json: containerObject,
  });
  const id = ({ group, name }: Container) =>
    group === undefined ? name : `${namespaceOf(group)} ${formatGroup(group)} ${name}`;
  const words = (container: Container) => {
    const { address, port, host, state, group } = container;
    const namespace = context.globals.allNamespaces && group !== undefined ? [namespaceOf(group)] : [];
    return [...namespace, containerName(container), containerStateWord(state), hostPort(address, port), host];
  };
  return { listing, id, words };
}
