// The eyes of the tests inside of the page: one object, put there before the page's own script.

import type { Eyes } from "./eyes.js";
import { playFeeds } from "./feeds.js";
import { foreignMarkup, missingTexts } from "./found-text.js";
import { alikeInContrast, contrastPairs } from "./high-contrast.js";
import { layoutFaults } from "./layout.js";
import { allFields, allRows, firstSeen, lookFor, painted } from "./rows.js";
import { unspoken } from "./semantics.js";
import { stateLooks } from "./state-looks.js";
import { doubleText } from "./text-size.js";

const eyes: Eyes = {
  ...{ allRows, allFields, lookFor, firstSeen, painted, playFeeds },
  ...{ layoutFaults, doubleText, missingTexts, foreignMarkup, stateLooks, alikeInContrast, contrastPairs, unspoken },
};

Object.assign(globalThis, { testEyes: eyes });
