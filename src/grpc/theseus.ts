// TheseusService: which function answers which call.

import type { TheseusServiceService } from "../../clients/gen/theseus/v1/theseus_service.js";
import type { Impl } from "./adapter.js";
import { applyGroups } from "./apply-groups.js";
import { backUpStore } from "./back-up-store.js";
import { readEvents } from "./events.js";
import { listEvidence } from "./evidence.js";
import { createGroup, updateGroup } from "./groups.js";
import { getHost, listHosts } from "./hosts.js";
import { createNamespace, getNamespace, listNamespaces, removeNamespace } from "./namespaces.js";
import { restartGroup, undoGroup } from "./new-revisions.js";
import { readLogs } from "./read-logs.js";
import { readStats } from "./read-stats.js";
import { getRecovery, recover } from "./recovery.js";
import { removeGroup, removeService } from "./removals.js";
import { getRollout, listRevisions } from "./rollouts.js";
import { getServerStatus } from "./server-status.js";
import { steerRollout } from "./steering.js";
import type { TheseusDeps } from "./theseus-deps.js";

export function theseusHandlers(deps: TheseusDeps): Impl<typeof TheseusServiceService> {
  return {
    createGroup: (request, context) => createGroup(deps, request, context),
    updateGroup: (request, context) => updateGroup(deps, request, context),
    applyGroups: (request, context) => applyGroups(deps, request, context),
    removeGroup: (request, context) => removeGroup(deps, request, context),
    removeService: (request, context) => removeService(deps, request, context),
    createNamespace: (request) => createNamespace(deps, request),
    getNamespace: (request) => getNamespace(deps, request),
    listNamespaces: (request) => listNamespaces(deps, request),
    removeNamespace: (request) => removeNamespace(deps, request),
    listHosts: (request) => listHosts(deps, request),
    getHost: (request) => getHost(deps, request),
    getServerStatus: () => getServerStatus(deps),
    getRecovery: () => getRecovery(deps),
    recover: (request) => recover(deps, request),
    backUpStore: () => backUpStore(deps),
    readLogs: (request, context) => readLogs(deps, request, context),
    getRollout: (request, context) => getRollout(deps, request, context),
    listRevisions: (request) => listRevisions(deps, request),
    pauseRollout: (request, context) => steerRollout(deps, "pause", request, context),
    resumeRollout: (request, context) => steerRollout(deps, "resume", request, context),
    promoteRollout: (request, context) => steerRollout(deps, "promote", request, context),
    abortRollout: (request, context) => steerRollout(deps, "abort", request, context),
    undoGroup: (request, context) => undoGroup(deps, request, context),
    restartGroup: (request, context) => restartGroup(deps, request, context),
    listEvidence: (request) => listEvidence(deps, request),
    readEvents: (request, context) => readEvents(deps, request, context),
    readStats: (request, context) => readStats(deps, request, context),
  };
}
