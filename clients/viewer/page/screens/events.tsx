// Who did what, and what Theseus did by itself and why.

import { EventView } from "../event-list/view.js";
import { useKeys } from "../keys.js";
import { fleet } from "../live/fleet.js";
import { navigate, queryText, setQuery } from "../view.js";
import { href } from "../view-url.js";

/** Screen S9. Of the address: `ns`, `ref`, `host`, `actor`, `q`, and `from` and `to` in milliseconds. */
export function Events() {
  useKeys({ Escape: () => navigate(href("overview")) }, "screen");
  const sign = `${fleet.groups.version.value} ${fleet.containers.version.value} ${fleet.hosts.version.value}`;
  const ns = queryText("ns").value;
  return (
    <section class="detail" data-screen="events">
      <div class="detail-head">
        <div class="head-line">
          <h1>Events</h1>
          <label>
            namespace{" "}
            <select value={ns} onChange={(event) => setQuery({ ns: event.currentTarget.value })}>
              <option value="">all</option>
              {fleet.namespaces.value.map((one) => (
                <option key={one} value={one}>
                  {one}
                </option>
              ))}
            </select>
          </label>
        </div>
      </div>
      <EventView sign={sign} />
    </section>
  );
}
