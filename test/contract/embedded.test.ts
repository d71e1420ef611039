// The contract of the store on the embedded store.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe } from "@jest/globals";
import type { EmbeddedStore } from "../../src/embedded/api.js";
import { openEmbeddedStore } from "../../src/embedded/store.js";
import { createEmbeddedWire } from "../../src/embedded/wire.js";
import { testParts } from "../support/parts.js";
import { storeContract } from "./store.contract.js";

describe("on the embedded store", () => {
  let folder: string;
  let store: EmbeddedStore;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "theseus-embedded-"));
    store = await openEmbeddedStore({ folder, ...testParts() });
  });
  afterAll(async () => {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });

  storeContract(async () => createEmbeddedWire(store));
});
