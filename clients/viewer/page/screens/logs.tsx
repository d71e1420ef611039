// Merged logs of whatever is chosen.

import { useKeys } from "../keys.js";
import { targetsOf } from "../log-view/asked.js";
import { LogView } from "../log-view/view.js";
import { link, navigate, up, view } from "../view.js";
import { groupHref } from "../view-url.js";

/**
 * Screen S8. Of the address: `ns`, and `ref` or `of` (several references, "web/dev:3 api/dev"), `slot`, `host`, `at`
 * (milliseconds) and `line`; `q`, `level` and `wrap` for what is shown of it.
 */
export function Logs() {
  const { query } = view.value;
  const targets = targetsOf(query);
  const at = Number(query["at"] ?? 0);
  const question = { targets, host: query["host"] ?? "", at: Number.isSafeInteger(at) && at > 0 ? at : 0 };
  const [only] = targets;
  useKeys(
    {
      Escape: () => navigate(targets.length === 1 && only !== undefined ? groupHref(only) : up("groups")),
    },
    "screen",
  );
  return (
    <section class="detail" data-screen="logs">
      <div class="detail-head">
        <div class="head-line">
          <h1>Logs</h1>
          {targets.map((one) => (
            <a key={`${one.ref}:${one.slot}`} {...link(groupHref(one))}>
              {one.ref}
              {one.slot > 0 ? `:${one.slot}` : ""}
            </a>
          ))}
        </div>
      </div>
      <LogView question={question} />
    </section>
  );
}
