// Group files on their way to the server: read, checked, sent as one call, and refusals told with their place.

import type { ApplyGroupsResponse } from "../gen/theseus/v1/theseus_service.js";
import { changeFields, shellWord } from "./change.js";
import { type Context, optionalText } from "./context.js";
import type { ExitCode } from "./exit-codes.js";
import { Failure, hasReason, toFailure, usage } from "./failure.js";
import { sameTarget } from "./globals.js";
import { type Loaded, loadGroupFiles } from "./group-file/load.js";
import { formatGroup } from "./references.js";
import { announce, follow, reportEnds, reportPlan } from "./report.js";
import { type Server, withServer } from "./server.js";

export async function planFiles(context: Context, files: readonly string[], placement: boolean): Promise<ExitCode> {
  const loaded = await loadGroupFiles(context, files);
  return withServer(context, async (server) => {
    const { plans, revision, token } = await send({ context, server, files }, loaded, true);
    const command = `theseus apply ${sameFiles(context, files)} --at ${token}`;
    const exactly = placement && token !== "" ? { exactly: { token, command } } : {};
    return reportPlan(context, plans, revision, { placement, ...exactly });
  });
}

export async function applyFiles(context: Context, files: readonly string[]): Promise<ExitCode> {
  const loaded = await loadGroupFiles(context, files);
  return withServer(context, async (server) => {
    const { plans, revision } = await send({ context, server, files }, loaded, false);
    announce(context, plans);
    return reportEnds(context, server, await follow({ context, server }, plans, revision), revision);
  });
}

/** The flags that name the same files in the same place. */
function sameFiles({ globals }: Context, files: readonly string[]): string {
  return files.map((file) => `-f ${shellWord(file)}`).join(" ") + sameTarget(globals);
}

interface Sending {
  readonly context: Context;
  readonly server: Server;
  readonly files: readonly string[];
}

async function send(sending: Sending, loaded: Loaded, validateOnly: boolean): Promise<ApplyGroupsResponse> {
  const { context, server } = sending;
  const { theseus, call } = server;
  const atToken = tokenOf(context);
  try {
    return await theseus.applyGroups({ groups: loaded.specs, validateOnly, atToken, ...changeFields(context) }, call);
  } catch (error) {
    throw atToken === "" ? withPlaces(error, loaded) : withPlan(withPlaces(error, loaded), sending);
  }
}

/** Nothing to be held to is said by leaving the flag out, never by an empty text: that is a variable without a value. */
function tokenOf(context: Context): string {
  const token = optionalText(context, "at");
  if (token === "")
    throw usage("--at is empty", ["the text that `theseus plan` prints; without --at whatever it comes to"]);
  return token ?? "";
}

/** What to run where the plan does not hold any more. */
function withPlan(error: unknown, { context, files }: Sending): unknown {
  if (!hasReason(error, "CONFLICT")) return error;
  const { code, parts } = toFailure(error);
  return new Failure(code, { ...parts, next: [`theseus plan ${sameFiles(context, files)}`] });
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
