// What stands around details that are read: that they are being read, why they could not be, and that they are old.

import type { ComponentChildren } from "preact";
import { Age } from "../parts/age.js";
import { ErrorBox, Loading } from "../parts/empty.js";
import type { Detail } from "./use-detail.js";

interface DetailStateProps<Value> {
  readonly detail: Detail<Value>;
  /** "reading the rollout…" */
  readonly what: string;
  readonly children: (value: Value) => ComponentChildren;
}

/** What was there stays on the screen and is marked as old when it cannot be read again. */
export function DetailState<Value>({ detail, what, children }: DetailStateProps<Value>) {
  const { value, at, failed, again } = detail;
  return (
    <>
      {failed === undefined ? null : <ErrorBox error={failed} retry={again} />}
      {failed === undefined || value === undefined ? null : (
        <p class="old-note">
          <span role="status">? What is below is old:</span> it was read <Age at={at} long /> ago.
        </p>
      )}
      {value === undefined ? (
        failed === undefined && <Loading what={what} />
      ) : (
        <div class={`detail-body ${failed === undefined ? "" : "is-old"}`}>{children(value)}</div>
      )}
    </>
  );
}
