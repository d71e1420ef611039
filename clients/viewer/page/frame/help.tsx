// All keys, and the choice to have none of the single ones.

import { singleKeys } from "../keys.js";
import { Dialog } from "./dialog.js";
import { FILTER_HELP, KEY_HELP } from "./help-texts.js";
import { helpIsOpen } from "./overlays.js";

export function Help() {
  return (
    <Dialog open={helpIsOpen} label="all keys">
      <h2>Keys</h2>
      <label class="choice">
        <input
          type="checkbox"
          checked={singleKeys.value !== "off"}
          onChange={(event) => {
            singleKeys.value = event.currentTarget.checked ? "on" : "off";
          }}
        />
        single letters and signs act as keys; this browser remembers
      </label>
      <dl class="keys">
        {KEY_HELP.map(([keys, what]) => (
          <div key={keys}>
            <dt>
              {keys.split(" ").map((key) =>
                key === "then" ? (
                  <span key={key} class="muted">
                    {" "}
                    then{" "}
                  </span>
                ) : key === "" ? (
                  " "
                ) : (
                  <kbd key={key}>{key}</kbd>
                ),
              )}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <h2>Filter</h2>
      <dl class="keys">
        {FILTER_HELP.map(([term, what]) => (
          <div key={term}>
            <dt>
              <code>{term}</code>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <p>
        <button type="button" onClick={() => (helpIsOpen.value = false)}>
          close
        </button>
      </p>
    </Dialog>
  );
}
