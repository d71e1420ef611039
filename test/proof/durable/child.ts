// The process that is killed: an embedded store with its API, on the folder given. `child.ts FOLDER [--acks FILE]
// [--unsynced]`. Says "listening HOST:PORT" when it can be asked.

import { openSync, writeSync } from "node:fs";
import { parseArgs } from "node:util";
import { ClassicLevel } from "classic-level";
import type { EmbeddedStore } from "../../../src/embedded/api.js";
import { serveEtcdApi } from "../../../src/embedded/serve.js";
import { openEmbeddedStore } from "../../../src/embedded/store.js";
import { createLogger } from "../../../src/log.js";
import { systemClock, systemRng } from "../../../src/system.js";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { acks: { type: "string" }, unsynced: { type: "boolean" } },
});

/** The defence off: LevelDB answers before anything is on the disk. */
function forgetSyncs(): void {
  const { batch } = ClassicLevel.prototype;
  ClassicLevel.prototype.batch = function (this: ClassicLevel, ...[operations, options]: unknown[]) {
    return Reflect.apply(batch, this, [operations, { ...(options as object), sync: false }]);
  } as typeof batch;
}

/** Each revision goes into a file before the client hears of it: a trace of system calls has both, in their order. */
function tellingAcks(store: EmbeddedStore, file: string): EmbeddedStore {
  const descriptor = openSync(file, "w");
  const telling =
    <Q, A extends { header: { revision: bigint } | undefined }>(call: (request: Q) => Promise<A>) =>
    async (request: Q): Promise<A> => {
      const answer = await call(request);
      writeSync(descriptor, `ack ${answer.header?.revision}\n`);
      return answer;
    };
  const told: Partial<EmbeddedStore> = {
    put: telling((request: Parameters<EmbeddedStore["put"]>[0]) => store.put(request)),
    txn: telling((request: Parameters<EmbeddedStore["txn"]>[0]) => store.txn(request)),
  };
  return new Proxy(store, {
    get: (target, name) => {
      const value: unknown = Reflect.get(name in told ? told : target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

if (values.unsynced) forgetSyncs();
const log = createLogger({ level: "error", form: "line" });
const [folder = ""] = positionals;
try {
  const store = await openEmbeddedStore({ folder, clock: systemClock, rng: systemRng, log });
  const served = values.acks === undefined ? store : tellingAcks(store, values.acks);
  const { address } = await serveEtcdApi(served, { host: "127.0.0.1", port: 0 }, log);
  console.log(`listening ${address}`);
} catch (error) {
  const facts = error instanceof Error && "facts" in error ? JSON.stringify(error.facts) : "";
  console.error(`${String(error)} ${facts}`);
  process.exit(1);
}
