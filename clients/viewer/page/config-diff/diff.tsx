// Two revisions of a config side by side; only the lines that differ, unless all are asked for.

import { compareFields, type FieldRow, type Fields } from "./compare.js";

interface DiffProps {
  readonly left: { readonly title: string; readonly fields: Fields };
  readonly right: { readonly title: string; readonly fields: Fields };
  readonly showsAll: boolean;
}

const WORDS: Readonly<Record<FieldRow["kind"], string>> = {
  same: "",
  changed: "changed",
  added: "added",
  removed: "removed",
};
const MARKS: Readonly<Record<FieldRow["kind"], string>> = { same: " ", changed: "~", added: "+", removed: "−" };

export function ConfigDiff({ left, right, showsAll }: DiffProps) {
  const rows = compareFields(left.fields, right.fields);
  const shown = showsAll ? rows : rows.filter(({ kind }) => kind !== "same");
  if (shown.length === 0)
    return (
      <p class="muted" role="status">
        {left.title} and {right.title} are the same in all {rows.length} fields.
      </p>
    );
  return (
    <table class="short diff" data-diff>
      <caption class="unseen">
        {left.title} compared with {right.title}
      </caption>
      <thead>
        <tr>
          <th scope="col">
            <span class="unseen">how it differs</span>
          </th>
          <th scope="col">field</th>
          <th scope="col">{left.title}</th>
          <th scope="col">{right.title}</th>
        </tr>
      </thead>
      <tbody>
        {shown.map((row) => (
          <DiffLine key={row.path} row={row} />
        ))}
      </tbody>
    </table>
  );
}

function DiffLine({ row: { path, left, right, kind } }: { row: FieldRow }) {
  return (
    <tr class={kind} data-kind={kind}>
      <td class="mark">
        <span aria-hidden="true">{MARKS[kind]}</span>
        <span class="unseen">{WORDS[kind]}</span>
      </td>
      <th scope="row" class="cell">
        {path}
      </th>
      <td class="cell from">
        <Value text={left} isChanged={false} />
      </td>
      <td class="cell to">
        <Value text={right} isChanged={kind === "changed"} />
      </td>
    </tr>
  );
}

function Value({ text, isChanged }: { text: string | undefined; isChanged: boolean }) {
  return text === undefined ? <span class="muted">not set</span> : <SecretOr text={text} isChanged={isChanged} />;
}

const HIDDEN = /^\(hidden(?: [0-9a-f]{6})?\)(, changed)?$/;

/** What is hidden is dots; of two that differ that much is said. */
export function SecretOr({ text, isChanged = false }: { text: string; isChanged?: boolean }) {
  const match = HIDDEN.exec(text);
  if (match === null) return <span class="breaks">{text}</span>;
  return (
    <span class="muted">
      <span aria-hidden="true">••••</span>
      <span class="unseen">hidden</span>
      {isChanged || match[1] !== undefined ? " (changed)" : ""}
    </span>
  );
}
