// `theseus describe`: a group, every group of a service, a container, or a host.

import { type Context, optionalArgument, requiredArgument } from "../context.js";
import type { ExitCode } from "../exit-codes.js";
import { usage } from "../failure.js";
import { parseReference } from "../references.js";
import { withServer } from "../server.js";
import { targetOf } from "../target.js";
import { describeGroup, describeGroups } from "./describe-group.js";
import { describeContainer, describeHost } from "./describe-others.js";

const HOST = new Set(["host", "hosts", "node"]);
const OTHERS = new Set(["group", "groups", "grp", "container", "containers", "ctr"]);

export async function run(context: Context): Promise<ExitCode> {
  const first = requiredArgument(context, 0);
  const second = optionalArgument(context, 1);
  if (second !== undefined && HOST.has(first))
    return withServer(context, (server) => describeHost(context, server, second));
  if (second !== undefined && !OTHERS.has(first))
    throw usage(`"${first} ${second}" is not one thing`, ["describe GROUP, describe GROUP:SLOT, describe host NAME"]);
  const target = targetOf(context, parseReference(second ?? first));
  return withServer(context, (server) => {
    switch (target.kind) {
      case "slot":
        return describeContainer(context, server, target.ref, target.slot);
      case "group":
        return describeGroup(context, server, target.ref);
      case "selected":
        return describeGroups(context, server, target);
      default:
        return target satisfies never;
    }
  });
}
