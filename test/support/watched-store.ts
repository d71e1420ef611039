// `etcdctl watch` of a part of an etcd, line by line as it tells it. Shares no code with Theseus.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { TestEtcd } from "./start-etcd.js";

/**
 * Goes with this process at the latest. @param from more arguments: from which revision on. @returns ends it; call it
 * whatever happens.
 */
export function watchedStore(
  etcd: TestEtcd,
  { prefix, from = [] }: { readonly prefix: string; readonly from?: readonly string[] },
  onLine: (line: string) => void,
): () => Promise<void> {
  const watch = ["watch", "--prefix", prefix, ...from, "-w", "json"];
  const [program = "", ...args] = [...etcd.ctlCommand, ...watch];
  const watching = spawn(program, args, {
    stdio: ["ignore", "pipe", "inherit"],
    env: { PATH: process.env["PATH"] ?? "", ETCDCTL_API: "3" },
  });
  const goWithUs = () => watching.kill("SIGKILL");
  process.once("exit", goWithUs);
  const ended = once(watching, "exit").catch(() => undefined);
  createInterface({ input: watching.stdout }).on("line", onLine);
  return async () => {
    process.removeListener("exit", goWithUs);
    watching.kill("SIGKILL");
    await ended;
  };
}
