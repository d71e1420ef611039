// `theseus server status`: leader, store, problems; exit 1 when something is wrong. With --wait: until nothing is.

import type { GetServerStatusResponse } from "../../gen/theseus/v1/theseus_service.js";
import { type Context, isSet } from "../context.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { hasReason } from "../failure.js";
import { seconds } from "../output/config-object.js";
import { isObjectFormat, printObject } from "../output/listing.js";
import { formatDuration } from "../quantities.js";
import { type Server, withServer } from "../server.js";
import { pause } from "../wait/pause.js";

const WAIT = 30_000;
const PACE = 150;

interface Check {
  readonly id: string;
  readonly state: "OK" | "WARN" | "FAIL";
  readonly text: string;
}

export function run(context: Context): Promise<ExitCode> {
  return withServer(context, async (server) => {
    const status = isSet(context, "wait") ? await untilWell(context, server) : await ask(server);
    const checks = checksOf(status, context.globals.server);
    const ok = checks.every(({ state }) => state === "OK");
    if (isObjectFormat(context.globals.format))
      await printObject(context, report(status, checks, ok), context.globals.format);
    else
      context.io.stdout.write(
        checks.map(({ id, state, text }) => `${state.padEnd(4)}  ${id.padEnd(8)}  ${text}\n`).join(""),
      );
    return ok ? EXIT.ok : EXIT.internal;
  });
}

function ask({ theseus, call }: Server): Promise<GetServerStatusResponse> {
  return theseus.getServerStatus({}, call);
}

/** The last answer when the time is up; @throws what the last attempt threw when nothing ever answered. */
async function untilWell(context: Context, server: Server): Promise<GetServerStatusResponse> {
  const until = Date.now() + (context.globals.timeout ?? WAIT);
  for (;;) {
    try {
      const status = await ask(server);
      const well = checksOf(status, "").every(({ state }) => state === "OK");
      if (well || Date.now() > until) return status;
    } catch (error) {
      if (!hasReason(error, "SERVER_UNREACHABLE", "NOT_READY") || Date.now() > until) throw error;
    }
    await pause(PACE, context.io.interrupted);
  }
}

function checksOf(status: GetServerStatusResponse, server: string): Check[] {
  const age = seconds(status.storeAge);
  const heard = age === undefined ? "" : `, heard from ${formatDuration(age * 1000)} ago`;
  const servers = Math.max(1, status.serverIds.length);
  return [
    {
      id: "server",
      state: "OK",
      text: `${server} ${status.version}, id ${status.serverId}, ${servers} in the cluster`,
    },
    status.storeReachable
      ? { id: "store", state: "OK", text: `answers, revision ${status.revision}${heard}` }
      : {
          id: "store",
          state: "FAIL",
          text: `does not answer${heard}; reads are served from revision ${status.revision}`,
        },
    status.leaderId === ""
      ? {
          id: "leader",
          state: "WARN",
          text: "there is none: containers run on, nothing is changed until one is elected",
        }
      : { id: "leader", state: "OK", text: status.leaderId === status.serverId ? "this server" : status.leaderId },
    ...status.problems.map((text): Check => ({ id: "problem", state: "FAIL", text })),
  ];
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
    ...(status.startTime === undefined ? {} : { startedAt: status.startTime.toISOString() }),
  };
}
