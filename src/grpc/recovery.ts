// TheseusService: what proves that the store was restored from an older backup, and a person's word on it. The leader
// finds the one and carries out the other; any server tells and takes it.

import {
  type GetRecoveryResponse,
  type RecoveryItem as ProtoItem,
  RecoverRequest,
  type RecoverResponse,
  RecoveryAction,
} from "../../clients/gen/theseus/v1/theseus_service.js";
import { DEFAULT_NAMESPACE } from "../model/names.js";
import {
  NOTHING_TO_RECOVER,
  type RecoveryItem,
  type RecoveryRecord,
  tokenOf,
  type Word,
  withWord,
  wordOn,
} from "../model/recovery.js";
import { readChangeContext } from "./change-request.js";
import { fromGroupRef } from "./convert-container.js";
import type { TheseusDeps } from "./theseus-deps.js";
import { type Report, Violations } from "./violations.js";

const ACTIONS: Readonly<Record<Word, RecoveryAction>> = {
  adopt: RecoveryAction.ADOPT,
  remove: RecoveryAction.REMOVE,
};

export async function getRecovery({ ports }: TheseusDeps): Promise<GetRecoveryResponse> {
  const record = (await ports.store.readRecovery())?.value ?? NOTHING_TO_RECOVER;
  const items = record.items.map((item) => fromItem(record, item));
  return { items, token: tokenOf(record.items), more: record.more };
}

export async function recover(deps: TheseusDeps, request: RecoverRequest): Promise<RecoverResponse> {
  const violations = new Violations();
  const { report } = violations;
  const codec = { name: "Recover", toJSON: RecoverRequest.toJSON };
  const now = deps.clock.now();
  const context = readChangeContext(request, codec, { namespace: DEFAULT_NAMESPACE, now, report });
  const word = readWord(request.action, report);
  violations.check();
  const { token } = request;
  const given = { word, token, change: context.change };
  const { revision } = await deps.changes.giveWord((record) => withWord(record, given), context);
  return { revision };
}

function readWord(action: RecoveryAction, report: Report): Word {
  if (action === RecoveryAction.ADOPT) return "adopt";
  if (action !== RecoveryAction.REMOVE) report("action", "it has to be adopt or remove");
  return "remove";
}

function fromItem(record: RecoveryRecord, item: RecoveryItem): ProtoItem {
  const { id, host, reason, ifAdopted, ifRemoved, takes } = item;
  const word = wordOn(record, id)?.word;
  const common = {
    ...{ containerId: id, host, reason, ifAdopted, ifRemoved },
    decided: word === undefined ? RecoveryAction.UNSPECIFIED : ACTIONS[word],
    takes: takes.map((one) => ACTIONS[one]),
  };
  if (item.kind === "engine") return { ...common, container: "", group: undefined, slot: 0, generation: 0n };
  const { name, group, slot, generation } = item;
  return { ...common, container: name, group: fromGroupRef(group), slot, generation: BigInt(generation) };
}
