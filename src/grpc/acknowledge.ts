// DiscoveryService.Acknowledge: written down here, or passed on to the server that the watch is of.

import type { AcknowledgeRequest, AcknowledgeResponse } from "../../clients/gen/theseus/v1/discovery_service.js";
import type { Cursor } from "../model/history.js";
import type { CallContext } from "./call.js";
import { readCursor } from "./cursor.js";
import type { DiscoveryDeps } from "./discovery-deps.js";
import { noSuchWatch } from "./no-such-watch.js";
import { readPassedOn } from "./passed-on.js";
import { at, Violations } from "./violations.js";
import { readWatchId, serverOf } from "./watch-id.js";

type AcknowledgeDeps = Pick<DiscoveryDeps, "book" | "others" | "returned" | "serverId">;

/** NO_SUCH_WATCH; NOT_READY when the server of the watch does not answer. What another server has passed on goes no further. */
export async function acknowledge(
  deps: AcknowledgeDeps,
  request: AcknowledgeRequest,
  context: CallContext,
): Promise<AcknowledgeResponse> {
  const { watchId, cursor } = readAcknowledge(request);
  const passedOn = readPassedOn(context);
  if (serverOf(watchId) !== deps.serverId) {
    if (passedOn !== undefined) throw noSuchWatch(watchId);
    const { signal } = context;
    await deps.others.acknowledge({ watchId, cursor: request.cursor }, "as it came", {
      within: context.left(),
      signal,
    });
    return {};
  }
  const told = deps.book.acknowledged(watchId, cursor, passedOn === "came back");
  if (told === undefined) throw noSuchWatch(watchId);
  const { before, counted } = told;
  if (before !== "" && serverOf(before) !== deps.serverId) {
    deps.returned.tell({ watchId, before, cursor: counted });
  }
  return {};
}

function readAcknowledge(request: AcknowledgeRequest): { readonly watchId: string; readonly cursor: Cursor } {
  const violations = new Violations();
  const { report } = violations;
  const watchId = readWatchId(request.watchId, at(report, "watch_id"));
  const cursor = readCursor(request.cursor, at(report, "cursor"));
  if (request.watchId === "") report("watch_id", "it is required");
  if (request.cursor === "") report("cursor", "it is required");
  violations.check();
  return { watchId, cursor: cursor ?? { epoch: "", revision: 0n } };
}
