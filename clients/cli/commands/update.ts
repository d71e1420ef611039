// `theseus update`: some fields of a group; the others stay.

import { type Protocol, Protocol as Protocols } from "../../gen/theseus/v1/group.js";
import type { GroupRef } from "../../gen/theseus/v1/reference.js";
import { expectedRevision, finish, refIn, sendUpdate } from "../change-group.js";
import { type ConfigFlags, readConfigFlags } from "../config-flags.js";
import { type Context, requiredArgument } from "../context.js";
import type { ExitCode } from "../exit-codes.js";
import { usage } from "../failure.js";
import { formatGroup, parseGroup } from "../references.js";
import { type Server, withServer } from "../server.js";

export async function run(context: Context): Promise<ExitCode> {
  const ref = refIn(context, parseGroup(requiredArgument(context, 0)));
  const flags = await readConfigFlags(context);
  if (flags.mask.length === 0) throw usage("nothing to change", ["no flag says what"], ["theseus update --help"]);
  const expected = expectedRevision(context);
  return withServer(context, async (server) => {
    const config = flags.firstPortMissing ? await withFirstPort(server, ref, flags.config) : flags.config;
    return finish(context, server, ref, await sendUpdate(context, server, { ref, config, mask: flags.mask, expected }));
  });
}

/** The group's own first tcp port is the one that --health http:/path asks. */
async function withFirstPort(
  { discovery, call }: Server,
  ref: GroupRef,
  config: ConfigFlags["config"],
): Promise<ConfigFlags["config"]> {
  const { group } = await discovery.getGroup({ group: ref }, call);
  const isTcp = ({ protocol }: { readonly protocol?: Protocol | undefined }) => protocol !== Protocols.UDP;
  const port = group?.config?.ports.find(isTcp)?.name;
  if (port === undefined) throw usage(`${formatGroup(ref)} has no tcp port to ask`, ["--health http:/path needs one"]);
  const check = config.health?.check;
  const path = check?.$case === "http" ? check.value.path : "/";
  return { ...config, health: { check: { $case: "http", value: { port, path } } } };
}
