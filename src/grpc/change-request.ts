// What every changing request has: who, which request id, and the digest that tells a repetition from a reuse.

import { createHash } from "node:crypto";
import type { Change as ProtoChange } from "../../clients/gen/theseus/v1/group.js";
import type { ChangeContext } from "../model/change.js";
import type { Instant } from "../model/instant.js";
import { canonical } from "./config-diff.js";
import { readChange, readRequestId } from "./validate.js";
import type { Report } from "./violations.js";

type ChangingRequest = { readonly requestId: string; readonly change: ProtoChange | undefined };
type Codec<T> = { toJSON(request: T): unknown };

/** The digest leaves out the id itself, and the time, which is the server's to set; the order of keys does not count. */
export function readChangeContext<T extends ChangingRequest>(
  request: T,
  codec: Codec<T> & { readonly name: string },
  { namespace, now, report }: { readonly namespace: string; readonly now: Instant; readonly report: Report },
): ChangeContext {
  const change = request.change && { ...request.change, time: undefined };
  const json = canonical({ method: codec.name, request: codec.toJSON({ ...request, requestId: "", change }) });
  return {
    namespace,
    requestId: readRequestId(request.requestId, report),
    digest: createHash("sha256").update(json).digest("hex"),
    change: readChange(request.change, now, report),
  };
}
