// TheseusService: namespaces.

import type { Namespace } from "../../clients/gen/theseus/v1/namespace.js";
import {
  CreateNamespaceRequest,
  type CreateNamespaceResponse,
  type GetNamespaceRequest,
  type GetNamespaceResponse,
  type ListNamespacesRequest,
  type ListNamespacesResponse,
  RemoveNamespaceRequest,
  type RemoveNamespaceResponse,
} from "../../clients/gen/theseus/v1/theseus_service.js";
import type { CatalogView } from "../model/catalog.js";
import { isReason, TheseusError } from "../model/errors.js";
import { DEFAULT_NAMESPACE } from "../model/names.js";
import { formatGroup } from "../model/reference.js";
import type { NamespaceRecord } from "../model/store.js";
import { readChangeContext } from "./change-request.js";
import { toDate } from "./convert-time.js";
import { noSuchNamespace } from "./error-texts.js";
import { cutPage, viewOfPage } from "./page.js";
import type { TheseusDeps } from "./theseus-deps.js";
import { readNamespace, readPageSize } from "./validate.js";
import { at, type Report, Violations } from "./violations.js";

export async function createNamespace(
  deps: TheseusDeps,
  request: CreateNamespaceRequest,
): Promise<CreateNamespaceResponse> {
  const violations = new Violations();
  const { report } = violations;
  const name = readOwnName(request.name, report);
  const codec = { name: "CreateNamespace", toJSON: CreateNamespaceRequest.toJSON };
  const context = readChangeContext(request, codec, { namespace: name, now: deps.clock.now(), report });
  violations.check();
  try {
    const { revision, replayed } = await deps.changes.createNamespace(name, context);
    const before = replayed
      ? deps.catalog
          .view()
          .namespaces()
          .find((namespace) => namespace.name === name)
      : undefined;
    return { namespace: { name, createTime: toDate(before?.created ?? context.change.time), groups: 0 }, revision };
  } catch (error) {
    throw isReason(error, "NAMESPACE_EXISTS") ? namespaceExists(name) : error;
  }
}

export async function getNamespace(
  { catalog }: TheseusDeps,
  request: GetNamespaceRequest,
): Promise<GetNamespaceResponse> {
  const violations = new Violations();
  const name = readNamespace(request.name, at(violations.report, "name"));
  violations.check();
  const view = catalog.view();
  const found = view.namespaces().find((namespace) => namespace.name === name);
  if (found === undefined) throw noSuchNamespace(view, name);
  return { namespace: fromNamespace(found, view) };
}

export async function listNamespaces(
  { catalog }: TheseusDeps,
  request: ListNamespacesRequest,
): Promise<ListNamespacesResponse> {
  const violations = new Violations();
  const size = readPageSize(request.pageSize, violations.report);
  violations.check();
  const page = { size, token: request.pageToken, question: { list: "namespaces" } };
  const { view, position } = await viewOfPage(catalog, page);
  const { items, nextPageToken } = cutPage(
    view.namespaces(),
    { ...page, position },
    {
      keyOf: ({ name }) => name,
      convert: (record) => fromNamespace(record, view),
    },
  );
  return { namespaces: [...items], nextPageToken, revision: position.revision };
}

export async function removeNamespace(
  deps: TheseusDeps,
  request: RemoveNamespaceRequest,
): Promise<RemoveNamespaceResponse> {
  const violations = new Violations();
  const { report } = violations;
  const name = readOwnName(request.name, report);
  const codec = { name: "RemoveNamespace", toJSON: RemoveNamespaceRequest.toJSON };
  const context = readChangeContext(request, codec, { namespace: name, now: deps.clock.now(), report });
  violations.check();
  try {
    return { revision: (await deps.changes.removeNamespace(name, context)).revision };
  } catch (error) {
    if (isReason(error, "NO_SUCH_NAMESPACE")) throw noSuchNamespace(deps.catalog.view(), name);
    throw isReason(error, "NAMESPACE_NOT_EMPTY") ? namespaceNotEmpty(deps.catalog.view(), name) : error;
  }
}

/** A namespace that a person makes or removes: "default" is neither. */
function readOwnName(name: string, report: Report): string {
  if (name === "") report("name", "it is required");
  else if (name === DEFAULT_NAMESPACE) report("name", `"${DEFAULT_NAMESPACE}" always exists`);
  else readNamespace(name, at(report, "name"));
  return name;
}

/** When "default" and implied namespaces were created is not known. */
function fromNamespace({ name, created }: NamespaceRecord, view: CatalogView): Namespace {
  return { name, createTime: created === 0 ? undefined : toDate(created), groups: view.groups(name).length };
}

function namespaceExists(name: string): TheseusError {
  return new TheseusError("NAMESPACE_EXISTS", {
    what: `there is a namespace ${name} already`,
    why: [`a name is given once; the namespace is used with -n ${name}`],
    now: "nothing was changed",
    next: [`theseus get services -n ${name}`],
    metadata: { name },
  });
}

function namespaceNotEmpty(view: CatalogView, name: string): TheseusError {
  const groups = view.groups(name).map(({ ref }) => formatGroup(ref));
  const service = view.groups(name)[0]?.ref.service;
  return new TheseusError("NAMESPACE_NOT_EMPTY", {
    what: `namespace ${name} is not empty`,
    why: [groups.length === 0 ? "a group was created in it just now" : `it has: ${groups.slice(0, 8).join("  ")}`],
    now: "nothing was changed",
    next: [
      service === undefined ? `theseus get groups -n ${name}` : `theseus remove ${service} --all-groups -n ${name}`,
    ],
    metadata: { name },
  });
}
