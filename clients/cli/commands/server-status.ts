// `theseus server status`: leader, store, problems; exit 1 when something is wrong. With --wait: until nothing is.

import type { GetServerStatusResponse, StoreStatus } from "../../gen/theseus/v1/theseus_service.js";
import { type Context, isSet } from "../context.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { hasReason } from "../failure.js";
import { isObjectFormat, printObject } from "../output/listing.js";
import { type Server, withServer } from "../server.js";
import { type Check, checksOf, checksText } from "../server-checks.js";
import { pause } from "../wait/pause.js";

const WAIT = 30_000;
const PACE = 150;

export function run(context: Context): Promise<ExitCode> {
  return withServer(context, async (server) => {
    const status = isSet(context, "wait") ? await untilWell(context, server) : await ask(server);
    const checks = checksOf(status, context.globals.server);
    const ok = isWell(checks);
    if (isObjectFormat(context.globals.format))
      await printObject(context, report(status, checks, ok), context.globals.format);
    else context.io.stdout.write(checksText(checks));
    return ok ? EXIT.ok : EXIT.internal;
  });
}

const isWell = (checks: readonly Check[]): boolean => checks.every(({ state }) => state === "OK");

function ask({ theseus, call }: Server): Promise<GetServerStatusResponse> {
  return theseus.getServerStatus({}, call);
}

/** The last answer when the time is up; @throws what the last attempt threw when nothing ever answered. */
async function untilWell(context: Context, server: Server): Promise<GetServerStatusResponse> {
  const until = Date.now() + (context.globals.timeout ?? WAIT);
  for (;;) {
    try {
      const status = await ask(server);
      if (isWell(checksOf(status, "")) || Date.now() > until) return status;
    } catch (error) {
      if (!hasReason(error, "SERVER_UNREACHABLE", "NOT_READY") || Date.now() > until) throw error;
    }
    await pause(PACE, context.io.interrupted);
  }
}

function report(status: GetServerStatusResponse, checks: readonly Check[], ok: boolean): object {
  return {
    kind: "Report",
    ok,
    checks,
    version: status.version,
    serverId: status.serverId,
    clusterId: status.clusterId,
    ...(status.leaderId === "" ? {} : { leaderId: status.leaderId }),
    servers: [...status.serverIds],
    storeReachable: status.storeReachable,
    revision: String(status.revision),
    ...(status.epoch === "" ? {} : { epoch: status.epoch }),
    ...(status.store === undefined ? {} : { store: storeObject(status.store) }),
    ...(status.startTime === undefined ? {} : { startedAt: status.startTime.toISOString() }),
  };
}

function storeObject(store: StoreStatus): object {
  return {
    kind: store.kind,
    version: store.version,
    revision: String(store.revision),
    sizeBytes: Number(store.sizeBytes),
    sizeInUseBytes: Number(store.sizeInUseBytes),
    alarms: [...store.alarms],
    members: store.members.map(({ endpoint, problem }) => ({ endpoint, ...(problem === "" ? {} : { problem }) })),
  };
}
