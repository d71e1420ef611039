// Group files on their way to the server: read, checked, sent as one call, and refusals told with their place.

import type { ApplyGroupsResponse } from "../gen/theseus/v1/theseus_service.js";
import { changeFields } from "./change.js";
import type { Context } from "./context.js";
import type { ExitCode } from "./exit-codes.js";
import { Failure, toFailure } from "./failure.js";
import { type Loaded, loadGroupFiles } from "./group-file/load.js";
import { formatGroup } from "./references.js";
import { announce, follow, reportEnds, reportPlan } from "./report.js";
import { type Server, withServer } from "./server.js";

export async function planFiles(context: Context, files: readonly string[], placement: boolean): Promise<ExitCode> {
  const loaded = await loadGroupFiles(context, files);
  return withServer(context, async (server) => {
    const { plans, revision } = await send(context, server, loaded, true);
    return reportPlan(context, plans, revision, placement);
  });
}

export async function applyFiles(context: Context, files: readonly string[]): Promise<ExitCode> {
  const loaded = await loadGroupFiles(context, files);
  return withServer(context, async (server) => {
    const { plans, revision } = await send(context, server, loaded, false);
    announce(context, plans);
    return reportEnds(context, server, await follow({ context, server }, plans, revision), revision);
  });
}

async function send(
  context: Context,
  { theseus, call }: Server,
  loaded: Loaded,
  validateOnly: boolean,
): Promise<ApplyGroupsResponse> {
  try {
    return await theseus.applyGroups({ groups: loaded.specs, validateOnly, ...changeFields(context) }, call);
  } catch (error) {
    throw withPlaces(error, loaded);
  }
}

interface Refused {
  readonly violations: readonly { readonly field: string; readonly text: string }[];
}

/** The server names fields like groups[0].config.mem; people look for them in their file. */
function withPlaces(error: unknown, loaded: Loaded): unknown {
  const { violations = [] } = error as Partial<Refused>;
  if (violations.length === 0) return error;
  const { code, parts } = toFailure(error);
  return new Failure(code, { ...parts, why: violations.map((violation) => placed(violation, loaded)) });
}

function placed({ field, text }: Refused["violations"][number], { specs, locate }: Loaded): string {
  const match = /^groups\[(\d+)\](?:\.(?:config|ref))?\.?(.*)$/s.exec(field);
  const index = Number(match?.[1]);
  const ref = specs[index]?.ref;
  if (match === null || ref === undefined) return field === "" ? text : `${field}: ${text}`;
  const path = match[2] ?? "";
  const name = `groups.${formatGroup(ref)}${path === "" ? "" : `.${path}`}`;
  return `${locate(index, pathOf(path))}: ${name}: ${text}`;
}

/** Keys of maps may have dots in them, so that all after the first one of env and docker_labels is one key. */
function pathOf(text: string): (string | number)[] {
  const map = /^(env|docker_labels)\.(.*)$/s.exec(text);
  if (map !== null) return [map[1] ?? "", map[2] ?? ""];
  const parts = text.split(/[.[\]]/).filter((part) => part !== "");
  return parts.map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}
