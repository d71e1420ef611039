// What the handlers of DiscoveryService stand on.

import type { Catalog } from "../model/catalog.js";
import type { Answers, WatchBook } from "../model/discovery.js";
import type { Clock, Rng } from "../model/ports.js";
import type { RegistrationStore } from "../model/registration.js";
import type { AnswerBytes } from "./answer-bytes.js";
import type { GroupReader } from "./group-reader.js";
import type { OtherServers } from "./other-servers.js";
import type { Returned } from "./returned.js";

export type DiscoveryDeps = {
  readonly catalog: Catalog;
  readonly groups: GroupReader;
  readonly answers: Answers;
  /** The codec of these answers. */
  readonly bytes: AnswerBytes;
  readonly book: WatchBook;
  readonly others: OtherServers;
  readonly returned: Returned;
  readonly registrations: RegistrationStore;
  readonly serverId: string;
  readonly clock: Clock;
  readonly rng: Rng;
};
