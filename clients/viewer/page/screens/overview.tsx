// S1 Overview: what needs somebody, what moves, what is as it should be, and the last hour.

import { groupsHere, shownGroups } from "../filter/lists.js";
import { groupSubject } from "../filter/subjects.js";
import { Attention } from "../overview/attention.js";
import { LastHour } from "../overview/last-hour.js";
import { Moving } from "../overview/moving.js";
import { Services } from "../overview/services.js";
import { ListGate } from "../parts/list-gate.js";

export function Overview() {
  return (
    <section data-screen="overview">
      <h1 class="unseen">Overview</h1>
      <ListGate
        what="groups"
        here={groupsHere.value.length}
        shown={shownGroups.value.length}
        subjects={() => groupsHere.value.map(groupSubject)}
      >
        <div class="overview">
          <Attention />
          <Moving />
          <LastHour />
          <Services />
        </div>
      </ListGate>
    </section>
  );
}
