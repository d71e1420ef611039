// Everything that was ever written to an etcd from some revision on, in order, as etcdctl tells it.

import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { TestEtcd } from "./start-etcd.js";

/** Keys of our own that say where a reading ends. */
const MARK = "/mark-";
const PATIENCE_MS = 20_000;

export type SeenWrite = {
  readonly revision: number;
  readonly key: string;
  /** Undefined: it was deleted. */
  readonly value: string | undefined;
};

type Message = { readonly Events?: readonly RawEvent[] };
type RawEvent = {
  /** 1 is a delete, absent a put. */
  readonly type?: number;
  readonly kv: { readonly key: string; readonly value?: string; readonly mod_revision: number };
};

/** The newest revision of the store. */
export async function newestRevision(etcd: TestEtcd): Promise<number> {
  const answer = JSON.parse(await etcd.ctl("get", "/", "-w", "json")) as { header: { revision: number } };
  return answer.header.revision;
}

/** Every write after that revision until now. */
export async function writesAfter(etcd: TestEtcd, revision: number): Promise<SeenWrite[]> {
  const mark = `${MARK}${randomBytes(4).toString("hex")}`;
  await etcd.ctl("put", mark, "");
  const from = ["--prefix", "/", "--rev", String(revision + 1), "-w", "json"];
  const [program = "", ...args] = [...etcd.ctlCommand, "watch", ...from];
  const watching = spawn(program, args, {
    stdio: ["ignore", "pipe", "inherit"],
    env: { PATH: process.env["PATH"] ?? "", ETCDCTL_API: "3" },
    signal: AbortSignal.timeout(PATIENCE_MS),
    killSignal: "SIGKILL",
  });
  const ended = once(watching, "exit").catch(() => undefined);
  const writes: SeenWrite[] = [];
  try {
    for await (const line of createInterface({ input: watching.stdout })) {
      writes.push(...toWrites(line));
      const end = writes.findIndex(({ key }) => key === mark);
      if (end >= 0) return writes.slice(0, end).filter(({ key }) => !key.startsWith(MARK));
    }
  } finally {
    watching.kill("SIGKILL");
    await ended;
  }
  throw new Error(`etcdctl did not tell the history from ${revision} within ${PATIENCE_MS / 1000} s`);
}

function toWrites(line: string): SeenWrite[] {
  if (line === "") return [];
  const text = (base64 = "") => Buffer.from(base64, "base64").toString();
  return ((JSON.parse(line) as Message).Events ?? []).map(({ type, kv }) => ({
    revision: kv.mod_revision,
    key: text(kv.key),
    value: type === 1 ? undefined : text(kv.value),
  }));
}
