// The server that is sent everything: a real one on a store of its own, with an engine that is not there, so that no
// container comes of it.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { startEtcd, type TestEtcd } from "../../support/start-etcd.js";
import { inFolder } from "../../support/temporary-folder.js";
import { type RunningServer, startServer } from "../../support/theseus.js";
import { until } from "../../support/until.js";

/** As long as `work` runs. */
export async function onServer<T>(work: (server: RunningServer, etcd: TestEtcd) => Promise<T>): Promise<T> {
  return await inFolder("fuzz", async (folder) => {
    const etcd = await startEtcd({ detached: true });
    try {
      const dockerSocket = join(folder, "no-engine.sock");
      const server = await startServer({ etcd: etcd.endpoint, dockerSocket, flags: ["--listen-http", "off"] });
      try {
        await until("the server to be ready", () => isReady(server));
        return await work(server, etcd);
      } finally {
        await server.child.kill9();
      }
    } finally {
      await etcd.stop();
    }
  });
}

async function isReady(server: RunningServer): Promise<boolean> {
  const { code } = await server.theseus(["get", "namespaces"]);
  return code === 0;
}

/** Resident memory of the server, in MB. */
export function memoryOf({ child: { pid } }: RunningServer): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  if (kilobytes === undefined) throw new Error(`no memory of ${pid}`);
  return Math.round(Number(kilobytes) / 1024);
}
