// Short notices in the corner.

import { dismiss, notices } from "../live/notices.js";

export function Notices() {
  return (
    <div class="notices" role="status">
      {notices.value.map(({ id, text, action }) => (
        <div key={id} class="notice">
          <span>{text}</span>
          {action === undefined ? null : (
            <button type="button" onClick={action.run}>
              {action.label}
            </button>
          )}
          <button type="button" aria-label="close" onClick={() => dismiss(id)}>
            ×
          </button>
        </div>
      ))}
    </div>
  );
}
