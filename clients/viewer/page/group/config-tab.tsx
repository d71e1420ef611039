// A group's config as it is in effect, and any two of its revisions side by side.

import type { GroupDetail, GroupKey, RevisionDetail } from "../../wire.js";
import { ConfigDiff, SecretOr } from "../config-diff/diff.js";
import { commandLine } from "../detail/command.js";
import { CopyLine } from "../parts/copy.js";
import { Empty } from "../parts/empty.js";
import { queryText, setQuery } from "../view.js";

/** `left` and `right` of the address are revisions; "" is the one before the present, and the present one. */
export function ConfigTab({ group, detail: { row, revisions } }: { group: GroupKey; detail: GroupDetail }) {
  const order = [...revisions].sort((a, b) => b.rev - a.rev);
  const present = order.find(({ rev }) => rev === row.rev) ?? order[0];
  const right = chosen(order, queryText("right").value) ?? present;
  const left = chosen(order, queryText("left").value) ?? order.find(({ rev }) => rev < (right?.rev ?? 0)) ?? right;
  const showsAll = queryText("lines").value === "all";
  if (present === undefined || right === undefined || left === undefined)
    return <Empty title="This group has no config: its containers are registered by programs." />;
  return (
    <>
      <section class="config-diff" aria-labelledby="compare">
        <div class="tools">
          <h2 id="compare">compare</h2>
          <Pick name="left" value={left.rev} order={order} present={row.rev} />
          <Pick name="right" value={right.rev} order={order} present={row.rev} />
          <label class="check">
            <input
              type="checkbox"
              checked={showsAll}
              onChange={(event) => setQuery({ lines: event.currentTarget.checked ? "all" : undefined })}
            />{" "}
            also what is the same
          </label>
        </div>
        {order.length === 1 ? (
          <p class="muted">Only one revision is kept: there is nothing to compare it with.</p>
        ) : (
          <ConfigDiff left={titled(left)} right={titled(right)} showsAll={showsAll} />
        )}
        {left.rev === right.rev ? null : (
          <CopyLine
            line={commandLine(group.ns, "rollout", "diff", `${group.ref}@${left.rev}`, `${group.ref}@${right.rev}`)}
          />
        )}
      </section>
      <section aria-labelledby="effective">
        <h2 id="effective">in effect: rev {present.rev}</h2>
        <dl class="fields" data-fields={present.rev}>
          {present.pinned === "" ? null : <Field path="runs as" value={present.pinned} />}
          {present.fields.map(([path, value]) => (
            <Field key={path} path={path} value={value} />
          ))}
        </dl>
      </section>
    </>
  );
}

function Field({ path, value }: { path: string; value: string }) {
  return (
    <div>
      <dt>{path}</dt>
      <dd>
        <SecretOr text={value} />
      </dd>
    </div>
  );
}

function titled({ rev, fields }: RevisionDetail) {
  return { title: `rev ${rev}`, fields };
}

function chosen(order: readonly RevisionDetail[], text: string): RevisionDetail | undefined {
  return order.find(({ rev }) => String(rev) === text);
}

interface PickProps {
  readonly name: "left" | "right";
  readonly value: number;
  readonly order: readonly RevisionDetail[];
  readonly present: number;
}

function Pick({ name, value, order, present }: PickProps) {
  return (
    <label>
      {name}{" "}
      <select value={String(value)} onChange={(event) => setQuery({ [name]: event.currentTarget.value })}>
        {order.map(({ rev }) => (
          <option key={rev} value={String(rev)}>
            rev {rev}
            {rev === present ? " (in effect)" : ""}
          </option>
        ))}
      </select>
    </label>
  );
}
