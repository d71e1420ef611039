// Stats for tests that read none.

import type { GroupStats } from "../../src/model/stats.js";

export const noStats: GroupStats = { async *read() {} };
