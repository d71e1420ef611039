// The contract of the store on real etcd.

import { afterAll, beforeAll, describe } from "@jest/globals";
import { createEtcdWire } from "../../src/etcd/wire.js";
import { systemClock } from "../../src/system.js";
import { startEtcd, type TestEtcd } from "../support/start-etcd.js";
import { storeContract } from "./store.contract.js";

describe("on etcd", () => {
  let etcd: TestEtcd;
  beforeAll(async () => {
    etcd = await startEtcd();
  }, 30_000);
  afterAll(() => etcd.stop());

  storeContract(() => createEtcdWire({ endpoints: [etcd.endpoint], clock: systemClock }));
});
