// The process that is killed: an embedded store with its API, on the folder given. `child.mjs FOLDER [--acks FILE]
// [--defect unsynced|hasty]`. Says "listening HOST:PORT" when it can be asked. Runs what was built, since it is started
// hundreds of times.

import { openSync, writeSync } from "node:fs";
import { parseArgs } from "node:util";
import { ClassicLevel } from "classic-level";

const built = async (module) => await import(new URL(`../../../dist/src/${module}.js`, import.meta.url).href);
const { serveEtcdApi } = await built("embedded/serve");
const { openEmbeddedStore } = await built("embedded/store");
const { createLogger } = await built("log");
const { systemClock, systemRng } = await built("system");

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { acks: { type: "string" }, defect: { type: "string" } },
});

/** The defence off: LevelDB answers before anything is on the disk, or is not even waited for. */
function spoil(defect) {
  const { batch } = ClassicLevel.prototype;
  ClassicLevel.prototype.batch = function (operations, options) {
    const written = batch.call(this, operations, { ...options, sync: defect !== "unsynced" });
    return defect === "hasty" ? Promise.resolve() : written;
  };
}

/** Each revision goes into a file before the client hears of it: a trace of system calls has both, in their order. */
function tellingAcks(store, file) {
  const descriptor = openSync(file, "w");
  const telling = (call) => async (request) => {
    const answer = await call.call(store, request);
    writeSync(descriptor, `ack ${answer.header.revision}\n`);
    return answer;
  };
  const told = { put: telling(store.put), txn: telling(store.txn) };
  return new Proxy(store, {
    get: (target, name) => {
      if (name in told) return told[name];
      const value = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

if (values.defect !== undefined) spoil(values.defect);
const log = createLogger({ level: "error", form: "line" });
try {
  const store = await openEmbeddedStore({ folder: positionals[0], clock: systemClock, rng: systemRng, log });
  const served = values.acks === undefined ? store : tellingAcks(store, values.acks);
  const { address } = await serveEtcdApi(served, { host: "127.0.0.1", port: 0 }, log);
  console.log(`listening ${address}`);
} catch (error) {
  console.error(`${error} ${JSON.stringify(error.facts ?? {})}`);
  process.exit(1);
}
