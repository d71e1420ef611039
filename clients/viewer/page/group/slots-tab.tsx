// A group's slots: what serves, what comes in its place, and what both use.

import type { ContainerRow, EvidenceDetail, GroupRow, RolloutDetail } from "../../wire.js";
import { Evidence } from "../detail/evidence.js";
import { useContainersOf } from "../detail/live-group.js";
import { laneWord } from "../lanes/words.js";
import { useSeenState } from "../live/fleet.js";
import { Age } from "../parts/age.js";
import { Empty } from "../parts/empty.js";
import { ShortTable } from "../parts/short-table.js";
import { State } from "../parts/state.js";
import { type SampledUsage, useStats } from "../stats/use-stats.js";
import { link, queryText } from "../view.js";
import { containerHref, href } from "../view-url.js";
import { sharedProblem, Use } from "./slot-use.js";
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
  const problem = sharedProblem(containers, sampled);
  const showsOld = slots.some(({ old }) => old.length > 0);
  const sides = showsOld ? [rollout ? `rev ${rollout.row.from} (old)` : "old", `rev ${rev} (new)`] : ["container"];
  if (slots.length === 0 && others.length === 0) return <Empty title="This group has no containers and wants none." />;
  return (
    <>
      {slots.length === 0 ? null : (
        <ShortTable
          caption={`slots of ${row.ref}`}
          titles={["slot", "host", "for", ...sides, "cpu", "memory"]}
          look="slots with-use"
        >
          {slots.map((slot) => (
            <Slot
              key={slot.slot}
              row={row}
              slot={slot}
              showsOld={showsOld}
              sampled={sampled}
              isShared={problem !== ""}
            />
          ))}
        </ShortTable>
      )}
      {problem === "" ? null : <p class="muted breaks">what they use is not known: {problem}</p>}
      {whyOf(row, evidence).map((one) => (
        <Evidence key={one.container} group={row} evidence={one} isOffered />
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
  readonly isShared: boolean;
}

function Slot({ row, slot: { slot, old, fresh, lane }, showsOld, sampled, isShared }: SlotProps) {
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
          {old.length === 0 ? (
            <span class="muted">–</span>
          ) : (
            old.map((one) => <One key={one.name} container={one} away={one.host !== newest?.host} />)
          )}
        </td>
      ) : null}
      <td data-title={showsOld ? "new" : "container"}>
        {fresh.map((one) => (
          <One key={one.name} container={one} />
        ))}
        {fresh.length > 0 ? null : <Waiting row={row} slot={slot} lane={lane} hasOld={old.length > 0} />}
      </td>
      <Use containers={[...fresh, ...old]} sampled={sampled} isShared={isShared} />
    </tr>
  );
}

/** What stands where no container of the new revision is yet. */
function Waiting({ row, slot, lane, hasOld }: { row: GroupRow; hasOld: boolean } & Pick<SlotRow, "slot" | "lane">) {
  if (lane !== undefined)
    return (
      <span>
        <State word={laneWord(lane.state)} text={lane.text === "" ? lane.state : `${lane.state}:`} />{" "}
        <span class="muted breaks">{lane.text}</span>
      </span>
    );
  const attention = row.attention.find((one) => one.slot === slot)?.text ?? "";
  const text = attention || (hasOld ? "nothing new yet" : "no container");
  return (
    <span>
      <State word={attention === "" ? "waiting" : "failed"} text={attention === "" ? "waiting:" : "failed:"} />{" "}
      <span class="muted breaks">{text}</span>
    </span>
  );
}

/** `away`: it is on another host than the one that its row names. */
function One({ container, away = false }: { container: ContainerRow; away?: boolean }) {
  const { address, port, problem, origin } = container;
  const { word, text, isOld } = useSeenState(container);
  return (
    <div
      class={isOld ? "one stale" : "one"}
      data-container={container.name}
      data-state={isOld ? word : container.state}
    >
      <State word={word} text={text} />{" "}
      <a {...link(containerHref(container))}>{port > 0 ? `${address}:${port}` : address || container.name}</a>
      {origin === "managed" ? null : <span class="muted"> {origin}</span>}
      {away ? <span class="muted"> on {container.host}</span> : null}
      {problem === "" ? null : <span class="one-problem muted breaks">{problem}</span>}
    </div>
  );
}

const OTHERS = ["container", "host", "for", "state"];

function Others({ containers, hasSlots }: { containers: readonly ContainerRow[]; hasSlots: boolean }) {
  return (
    <>
      {hasSlots ? <h2>not run by Theseus</h2> : null}
      <ShortTable caption="containers that Theseus does not run" titles={OTHERS} look="slots">
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
      </ShortTable>
    </>
  );
}
