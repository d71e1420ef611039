// Logs for tests that read none.

import type { GroupLogs } from "../../src/model/logs.js";

export const noLogs: GroupLogs = { async *read() {} };
