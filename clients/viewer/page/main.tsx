// The page's beginning.

import { render } from "preact";
import { sayFilter } from "./filter/said.js";
import { App } from "./frame/app.js";
import { listenToKeys } from "./keys.js";
import { startFleet } from "./live/fleet.js";
import { applyTheme } from "./theme.js";
import { followHistory } from "./view.js";
import "./css/page.css";

const place = document.getElementById("page");
if (place) {
  applyTheme();
  followHistory();
  listenToKeys();
  startFleet();
  sayFilter();
  render(<App />, place);
}
