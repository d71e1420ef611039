// A server with two groups, two containers and a host, for tests of the commands that look.

import { status } from "@grpc/grpc-js";
import { ContainerState } from "../../clients/gen/theseus/v1/container.js";
import {
  GetGroupResponse,
  ListContainersResponse,
  ListGroupsResponse,
  ListServicesResponse,
} from "../../clients/gen/theseus/v1/discovery_service.js";
import { ErrorReason } from "../../clients/gen/theseus/v1/error_reason.js";
import { GroupState } from "../../clients/gen/theseus/v1/group.js";
import { HostState } from "../../clients/gen/theseus/v1/host.js";
import {
  GetNamespaceResponse,
  ListHostsResponse,
  ListNamespacesResponse,
} from "../../clients/gen/theseus/v1/theseus_service.js";
import { containerOf, groupOf } from "./fake-groups.js";
import { type Handlers, Refusal } from "./fake-theseus.js";

export const GROUPS = [
  groupOf("api/dev", { wanted: 1 }),
  groupOf("web/dev", {
    state: GroupState.FAILING,
    ready: 0,
    attention: [{ reason: ErrorReason.CONTAINER_EXITED, text: "it ended with exit code 1", slot: 1 }],
  }),
];

export const READING: Handlers = {
  listGroups: ({ selector }) =>
    ListGroupsResponse.fromPartial({
      groups: GROUPS.filter(({ ref }) => !selector?.service || ref?.service === selector.service),
      revision: 100n,
    }),
  getGroup: ({ group }) => {
    const found = GROUPS.find(
      ({ ref }) => ref?.service === group?.service && ref?.labels.join() === group?.labels.join(),
    );
    if (found === undefined)
      throw new Refusal({
        code: status.NOT_FOUND,
        reason: "NO_SUCH_GROUP",
        message: "there is no group web/prod",
        metadata: { why: "did you mean: web/dev", now: "nothing was changed", next: "theseus describe web/dev" },
      });
    return GetGroupResponse.fromPartial({ group: found });
  },
  listContainers: () =>
    ListContainersResponse.fromPartial({
      containers: [containerOf("web/dev", 1), containerOf("web/dev", 2, ContainerState.FAILED)],
      revision: 100n,
    }),
  getContainer: () => ({ container: containerOf("web/dev", 1) }),
  listServices: () =>
    ListServicesResponse.fromPartial({
      services: [{ namespace: "default", name: "web", groups: 1, wanted: 2, ready: 0 }],
      revision: 100n,
    }),
  getNamespace: ({ name }) => {
    if (name === "nope")
      throw new Refusal({ code: status.NOT_FOUND, reason: "NO_SUCH_NAMESPACE", message: "there is no namespace nope" });
    return GetNamespaceResponse.fromPartial({ namespace: { name } });
  },
  listNamespaces: () =>
    ListNamespacesResponse.fromPartial({ namespaces: [{ name: "default" }, { name: "billing", groups: 4 }] }),
  listHosts: () =>
    ListHostsResponse.fromPartial({
      hosts: [
        {
          name: "local",
          state: HostState.READY,
          address: "172.17.0.1",
          engineId: "E",
          engineVersion: "20.10.24",
          cpu: 2,
          memBytes: 1n << 32n,
          memBytesReserved: 1n << 29n,
          containers: 3,
        },
      ],
    }),
};
