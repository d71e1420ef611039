// One group: its slots, rollouts, config, logs, events and endpoints.

import type { GroupDetail, GroupKey, GroupRow } from "../../wire.js";
import { groupLine } from "../detail/command.js";
import { DetailState } from "../detail/detail-state.js";
import { useGroup, useSignOf } from "../detail/live-group.js";
import { useDetail } from "../detail/use-detail.js";
import { EventView } from "../event-list/view.js";
import { ConfigTab } from "../group/config-tab.js";
import { GroupHeader } from "../group/header.js";
import { RolloutsTab } from "../group/rollouts-tab.js";
import { SlotsTab } from "../group/slots-tab.js";
import { useKeys } from "../keys.js";
import { fleet } from "../live/fleet.js";
import { LogView } from "../log-view/view.js";
import { LookupView } from "../lookup/view.js";
import { copyText } from "../parts/copy.js";
import { Empty, Loading } from "../parts/empty.js";
import { Tabs } from "../parts/tabs.js";
import { FailedBar } from "../rollout/failed-bar.js";
import { goesOn } from "../rollout/story.js";
import { useRollout } from "../rollout/use-rollout.js";
import { link, navigate, queryText, setQuery, up } from "../view.js";
import { address, groupHref } from "../view-url.js";

const TABS = [
  { key: "slots", title: "Slots" },
  { key: "rollouts", title: "Rollouts" },
  { key: "config", title: "Config" },
  { key: "logs", title: "Logs" },
  { key: "events", title: "Events" },
  { key: "endpoints", title: "Endpoints" },
];

/** Screen S3. Of the address: `ns`, `ref`, `tab`, `slot`; `left` and `right` of the config; what the tabs take besides. */
export function Group() {
  const group = { ns: queryText("ns").value || "default", ref: queryText("ref").value };
  const row = useGroup(group);
  const asked = queryText("tab").value;
  const tab = TABS.find(({ key }) => key === asked)?.key ?? "slots";
  // What events or a log were asked for is no question to another tab.
  const choose = (key: string) =>
    setQuery(
      { tab: key === "slots" ? undefined : key, host: undefined, q: undefined, at: undefined, line: undefined },
      { push: true },
    );
  useKeys(
    {
      Escape: () => navigate(up("groups")),
      l: () => choose("logs"),
      y: () => void copyText(groupLine(group, "describe")),
    },
    "screen",
  );
  if (row === undefined) return <NoGroup group={group} />;
  return (
    <section class="detail" data-screen="group" data-group={row.id}>
      <FailedBar row={row} />
      <GroupHeader row={row} />
      <Tabs label={`about ${row.ref}`} tabs={TABS} chosen={tab} choose={choose} panel="group-panel" />
      <div id="group-panel" role="tabpanel" aria-labelledby={`group-panel-${tab}`} data-tab={tab}>
        <Panel key={row.id} tab={tab} group={group} row={row} />
      </div>
    </section>
  );
}

interface PanelProps {
  readonly tab: string;
  readonly group: GroupKey;
  readonly row: GroupRow;
}

function Panel({ tab, group, row }: PanelProps) {
  const sign = useSignOf(group);
  switch (tab) {
    case "logs": {
      const slot = Number.parseInt(queryText("slot").value, 10);
      const at = Number(queryText("at").value);
      const target = { ...group, slot: Math.max(0, slot || 0) };
      return <LogView question={{ targets: [target], host: queryText("host").value, at: Math.max(0, at || 0) }} />;
    }
    case "events":
      return <EventView group={group} sign={sign} />;
    case "endpoints":
      return <LookupView question={{ ...group, service: "", labels: "", port: "" }} sign={sign} />;
    case "rollouts":
    case "config":
      return <Detailed tab={tab} group={group} sign={sign} />;
    default:
      return <Slots group={group} row={row} sign={sign} />;
  }
}

function Detailed({ tab, group, sign }: { tab: "rollouts" | "config"; group: GroupKey; sign: string }) {
  const detail = useDetail<GroupDetail>(address("/api/group", { ns: group.ns, ref: group.ref }), sign);
  return (
    <DetailState detail={detail} what={`reading the revisions of ${group.ref}…`}>
      {(value) =>
        tab === "config" ? <ConfigTab group={group} detail={value} /> : <RolloutsTab group={group} detail={value} />
      }
    </DetailState>
  );
}

function Slots({ group, row, sign }: { group: GroupKey; row: GroupRow; sign: string }) {
  const moves = row.rollout !== null && goesOn(row.rollout);
  const { detail } = useRollout(moves ? group : { ns: group.ns, ref: "" }, row.rollout?.to ?? 0);
  const isAiling = row.attention.some(({ slot }) => slot > 0);
  const path = isAiling ? address("/api/group", { ns: group.ns, ref: group.ref }) : "";
  const { value } = useDetail<GroupDetail>(path, sign);
  return <SlotsTab row={row} rollout={moves ? detail.value : undefined} evidence={value?.evidence ?? []} />;
}

function NoGroup({ group: { ns, ref } }: { group: GroupKey }) {
  const isKnown = fleet.loaded.value;
  const service = ref.split("/")[0] ?? "";
  const near = fleet.groups.of("service", `${ns} ${service}`);
  return (
    <section class="detail" data-screen="group">
      <div class="detail-head">
        <div class="head-line">
          <h1>{ref === "" ? "no group is named" : ref}</h1>
        </div>
      </div>
      {isKnown ? (
        <Empty title={`There is no group ${ref} in namespace ${ns}.`}>
          {near.length === 0 ? null : (
            <p>
              Groups of {service}:{" "}
              {near.map((one) => (
                <a key={one.id} {...link(groupHref(one))}>
                  {one.ref}{" "}
                </a>
              ))}
            </p>
          )}
        </Empty>
      ) : (
        <Loading what={`reading ${ref}…`} />
      )}
    </section>
  );
}
