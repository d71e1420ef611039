// One container and its life.

import type { ContainerDetail, ContainerRow, EvidenceDetail } from "../../wire.js";
import { SecretOr } from "../config-diff/diff.js";
import { ContainerHeader } from "../container/header.js";
import { Life } from "../container/life.js";
import { Usage } from "../container/usage.js";
import { commandLine, slotRef } from "../detail/command.js";
import { DetailState } from "../detail/detail-state.js";
import { EventTable } from "../detail/event-table.js";
import { Evidence } from "../detail/evidence.js";
import { groupIdOf, useGroup, useSignOf } from "../detail/live-group.js";
import { useDetail } from "../detail/use-detail.js";
import { runsOf } from "../event-list/runs.js";
import { useKeys } from "../keys.js";
import { fleet, useRow, useSeenState } from "../live/fleet.js";
import { Age } from "../parts/age.js";
import { copyText } from "../parts/copy.js";
import { Empty } from "../parts/empty.js";
import { State } from "../parts/state.js";
import { FailedBar } from "../rollout/failed-bar.js";
import { link, navigate, queryText } from "../view.js";
import { address, containerHref, groupHref, href } from "../view-url.js";

/** Screen S6: `ns`, `ref` and `name` of the address. */
export function Container() {
  const group = { ns: queryText("ns").value || "default", ref: queryText("ref").value };
  const name = queryText("name").value;
  const path = address("/api/container", { ...group, name });
  const detail = useDetail<ContainerDetail>(name === "" || group.ref === "" ? "" : path, useSignOf(group));
  const live = useRow(fleet.containers, `${groupIdOf(group)} ${name}`);
  const slot = live?.slot ?? detail.value?.row.slot ?? 0;
  useKeys(
    {
      Escape: () => navigate(groupHref(group)),
      l: () => navigate(href("logs", { ...group, slot: slot || undefined })),
      y: () => void copyText(commandLine(group.ns, "describe", slotRef(group, slot))),
    },
    "screen",
  );
  return (
    <section class="detail" data-screen="container" data-container={name}>
      <FailedBar row={useGroup(group)} />
      {name === "" || group.ref === "" ? (
        <Empty title="No container is named: the address of one has ns, ref and name." />
      ) : (
        <DetailState detail={detail} what={`reading ${name}…`}>
          {(value) => <Shown detail={value} row={live ?? value.row} isGone={live === undefined} />}
        </DetailState>
      )}
    </section>
  );
}

interface ShownProps {
  readonly detail: ContainerDetail;
  readonly row: ContainerRow;
  readonly isGone: boolean;
}

function Shown({ detail, row, isGone }: ShownProps) {
  const own = detail.evidence.filter(({ container }) => container === row.name);
  const env = detail.fields.filter(([path]) => path.startsWith("env."));
  const settings = detail.fields.filter(([path]) => !path.startsWith("env."));
  return (
    <>
      <ContainerHeader detail={detail} row={row} isGone={isGone} />
      <div class="columns">
        <div>
          <LastExit row={row} evidence={own} />
          <Life steps={detail.steps ?? []} row={row} evidence={own} />
          <section aria-labelledby="timeline">
            <h2 id="timeline">what happened in this slot</h2>
            {detail.events.length === 0 ? (
              <p class="muted">No events are kept of it.</p>
            ) : (
              <EventTable runs={runsOf(detail.events)} namesGroup={false} label="events of this slot, newest first" />
            )}
          </section>
        </div>
        <div>
          {isGone || row.slot === 0 ? null : <Usage row={row} />}
          <Siblings siblings={detail.siblings} />
          <Fields title="environment" fields={env.map(([path, value]) => [path.slice(4), value])} />
          <Fields title="settings" fields={settings} />
        </div>
      </div>
    </>
  );
}

function LastExit({ row, evidence }: { row: ContainerRow; evidence: readonly EvidenceDetail[] }) {
  const [last] = [...evidence].sort((a, b) => b.time - a.time);
  if (last === undefined) return null;
  return (
    <section aria-labelledby="last-exit">
      <h2 id="last-exit">last exit</h2>
      <Evidence group={row} evidence={last} />
    </section>
  );
}

function Seen({ row }: { row: ContainerRow }) {
  const { word, text } = useSeenState(row);
  return <State word={word} text={text} />;
}

function Siblings({ siblings }: Pick<ContainerDetail, "siblings">) {
  if (siblings.length === 0) return null;
  return (
    <section aria-labelledby="siblings">
      <h2 id="siblings">others of this slot</h2>
      <ul class="plain-list" data-siblings={siblings.length}>
        {siblings.map((one) => (
          <li key={one.name}>
            <Seen row={one} /> <a {...link(containerHref(one))}>{one.name}</a>{" "}
            <span class="muted">
              rev {one.rev} · {one.host} · <Age at={one.since} /> ago
            </span>{" "}
            <span class="breaks">{one.problem}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Fields({ title, fields }: { title: string; fields: readonly (readonly [string, string])[] }) {
  if (fields.length === 0) return null;
  return (
    <section>
      <h2>{title}</h2>
      <dl class="fields">
        {fields.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <SecretOr text={value} />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
