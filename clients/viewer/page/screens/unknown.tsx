// An address that names no screen.

import { Empty } from "../parts/empty.js";
import { link, view } from "../view.js";
import { href } from "../view-url.js";

export function UnknownPath() {
  return (
    <section data-screen="unknown">
      <h1 class="unseen">No such page</h1>
      <Empty title={`There is no page ${view.value.path}`}>
        <a {...link(href("overview"))}>to the overview</a>
      </Empty>
    </section>
  );
}
