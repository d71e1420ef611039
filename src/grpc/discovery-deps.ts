// What the handlers of DiscoveryService stand on.

import type { Catalog } from "../model/catalog.js";
import type { GroupReader } from "./group-reader.js";

export type DiscoveryDeps = { readonly catalog: Catalog; readonly groups: GroupReader };
