// A group's slots: what serves, what comes in its place, and what both use.

import type { ContainerRow, EvidenceDetail, GroupRow, RolloutDetail } from "../../wire.js";
import { Evidence } from "../detail/evidence.js";
import { useContainersOf } from "../detail/live-group.js";
import { laneWord } from "../lanes/words.js";
import { Age } from "../parts/age.js";
import { Sparkline } from "../parts/bar.js";
import { Empty } from "../parts/empty.js";
import { State } from "../parts/state.js";
import { cpuText, ofLimit, sizeText } from "../stats/figures.js";
import { type SampledUsage, useStats } from "../stats/use-stats.js";
import { link, queryText } from "../view.js";
import { containerHref, href } from "../view-url.js";
import { type SlotRow, slotless, slotRows } from "./slots.js";

interface SlotsProps {
  readonly row: GroupRow;
  /** Of the rollout that goes on. */
  readonly rollout: RolloutDetail | undefined;
  /** What is kept of containers that failed, of slots that are not as they should be. */
  readonly evidence: readonly EvidenceDetail[];
}

export function SlotsTab({ row, rollout, evidence }: SlotsProps) {
  const containers = useContainersOf(row);
  const sampled = useStats(row);
  // Read for its change: there is another sample.
  sampled.newest.value;
  const rev = rollout?.row.to ?? row.rev;
  const isNew = (one: number) => one === rev || (rollout === undefined && row.old === 0);
  const slots = slotRows(containers, { wanted: row.wanted, lanes: rollout?.lanes ?? [], isNew });
  const others = slotless(containers);
  const showsOld = slots.some(({ old }) => old.length > 0);
  if (slots.length === 0 && others.length === 0) return <Empty title="This group has no containers and wants none." />;
  return (
    <>
      {slots.length === 0 ? null : (
        <table class="slots with-use">
          <caption class="unseen">slots of {row.ref}</caption>
          <thead>
            <tr>
              <th scope="col">slot</th>
              <th scope="col">host</th>
              <th scope="col">for</th>
              {showsOld ? <th scope="col">{rollout ? `rev ${rollout.row.from} (old)` : "old"}</th> : null}
              <th scope="col">{showsOld ? `rev ${rev} (new)` : "container"}</th>
              <th scope="col">cpu</th>
              <th scope="col">memory</th>
            </tr>
          </thead>
          <tbody>
            {slots.map((slot) => (
              <Slot key={slot.slot} row={row} slot={slot} showsOld={showsOld} sampled={sampled} />
            ))}
          </tbody>
        </table>
      )}
      {whyOf(row, evidence).map((one) => (
        <Evidence key={one.container} group={row} evidence={one} />
      ))}
      {others.length === 0 ? null : <Others containers={others} hasSlots={slots.length > 0} />}
    </>
  );
}

/** The newest of each slot that needs attention. */
function whyOf({ attention }: GroupRow, evidence: readonly EvidenceDetail[]): EvidenceDetail[] {
  const slots = [...new Set(attention.map(({ slot }) => slot))].filter((slot) => slot > 0);
  return slots.flatMap((slot) => {
    const [newest] = evidence.filter((one) => one.slot === slot).sort((a, b) => b.time - a.time);
    return newest === undefined ? [] : [newest];
  });
}

interface SlotProps {
  readonly row: GroupRow;
  readonly slot: SlotRow;
  readonly showsOld: boolean;
  readonly sampled: SampledUsage;
}

function Slot({ row, slot: { slot, old, fresh, lane }, showsOld, sampled }: SlotProps) {
  const chosen = queryText("slot").value === String(slot);
  const newest = fresh[0] ?? old[0];
  return (
    <tr data-slot={slot} class={chosen ? "chosen" : ""} aria-current={chosen ? "true" : undefined}>
      <th scope="row">
        <a {...link(href("group", { ns: row.ns, ref: row.ref, slot: chosen ? undefined : slot }))}>{slot}</a>
      </th>
      <td data-title="host">{newest?.host ?? "–"}</td>
      <td data-title="for">{newest === undefined ? "–" : <Age at={newest.since} />}</td>
      {showsOld ? (
        <td data-title="old">
          {old.length === 0 ? <span class="muted">–</span> : old.map((one) => <One key={one.name} container={one} />)}
        </td>
      ) : null}
      <td data-title={showsOld ? "new" : "container"}>
        {fresh.map((one) => (
          <One key={one.name} container={one} />
        ))}
        {fresh.length > 0 ? null : <Waiting row={row} slot={slot} lane={lane} hasOld={old.length > 0} />}
      </td>
      <Use containers={[...fresh, ...old]} sampled={sampled} />
    </tr>
  );
}

/** What stands where no container of the new revision is yet. */
function Waiting({ row, slot, lane, hasOld }: { row: GroupRow; hasOld: boolean } & Pick<SlotRow, "slot" | "lane">) {
  if (lane !== undefined)
    return (
      <span>
        <State word={laneWord(lane.state)} text={lane.state} /> <span class="muted breaks">{lane.text}</span>
      </span>
    );
  const attention = row.attention.find((one) => one.slot === slot)?.text ?? "";
  const text = attention || (hasOld ? "nothing new yet" : "no container");
  return (
    <span>
      <State word={attention === "" ? "waiting" : "failed"} /> <span class="muted breaks">{text}</span>
    </span>
  );
}

function One({ container }: { container: ContainerRow }) {
  const { state, phase, address, port, problem, origin } = container;
  const word = phase === "creating" || phase === "stopping" ? phase : state;
  return (
    <div class="one" data-container={container.name} data-state={state}>
      <State word={word} />{" "}
      <a {...link(containerHref(container))}>{port > 0 ? `${address}:${port}` : address || container.name}</a>
      {origin === "managed" ? null : <span class="muted"> {origin}</span>}
      {problem === "" ? null : <span class="one-problem muted breaks">{problem}</span>}
    </div>
  );
}

const SHOWN_SAMPLES = 30;

/** Of the newest container of the slot that there are samples of. */
function Use({ containers, sampled: { history } }: { containers: readonly ContainerRow[]; sampled: SampledUsage }) {
  const one = containers.find(({ id }) => history.latest(id) !== undefined);
  const usage = one === undefined ? undefined : history.latest(one.id);
  const samples = one === undefined ? [] : history.of(one.id).slice(-SHOWN_SAMPLES);
  const cpu = ofLimit(usage?.cpu, usage?.cpuLimit, cpuText);
  const mem = ofLimit(usage?.mem, usage?.memLimit, sizeText);
  return (
    <>
      <td data-title="cpu" class="use">
        {cpu} {usage?.cpu == null ? null : <Sparkline values={samples.map((s) => s.usage.cpu)} label={`cpu ${cpu}`} />}
      </td>
      <td data-title="memory" class="use">
        {mem}{" "}
        {usage?.mem == null ? null : <Sparkline values={samples.map((s) => s.usage.mem)} label={`memory ${mem}`} />}
        {usage === undefined || usage.problem === "" ? null : <span class="muted breaks"> {usage.problem}</span>}
      </td>
    </>
  );
}

function Others({ containers, hasSlots }: { containers: readonly ContainerRow[]; hasSlots: boolean }) {
  return (
    <>
      {hasSlots ? <h2>not run by Theseus</h2> : null}
      <table class="slots">
        <caption class="unseen">containers that Theseus does not run</caption>
        <thead>
          <tr>
            {["container", "host", "for", "state"].map((title) => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {containers.map((one) => (
            <tr key={one.name}>
              <th scope="row" class="breaks">
                {one.name}
              </th>
              <td data-title="host">{one.host || "–"}</td>
              <td data-title="for">
                <Age at={one.since} />
              </td>
              <td data-title="state">
                <One container={one} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
