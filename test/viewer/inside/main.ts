// The eyes of the tests inside of the page: one object, put there before the page's own script.

import type { Eyes } from "./eyes.js";
import { foreignMarkup, missingTexts } from "./found-text.js";
import { layoutFaults } from "./layout.js";
import { allRows, firstSeen, lookFor, painted } from "./rows.js";
import { stateLooks } from "./state-looks.js";
import { doubleText } from "./text-size.js";

const table = { allRows, lookFor, firstSeen, painted };
const eyes: Eyes = { ...table, layoutFaults, doubleText, missingTexts, foreignMarkup, stateLooks };

Object.assign(globalThis, { testEyes: eyes });
