// A timeline on which nothing has happened.

import type { Timeline } from "../../src/model/event.js";

export const noEvents: Timeline = { async *readEvents() {} };
