// The stored form of what waits for a person's word, and the text by which a container carries its config.

import { canonical } from "../model/fingerprint.js";
import { type GivenWord, type RecoveryItem, type RecoveryRecord, type StrayItem, WORDS } from "../model/recovery.js";
import type { ConfigTexts } from "../model/store.js";
import { changeCodec, groupConfigCodec } from "./config-codec.js";
import { decode, list, must, oneOf, record, text, variants, whole } from "./json-codec.js";

const groupRefCodec = record<StrayItem["group"]>({
  namespace: must("namespace", text),
  service: must("service", text),
  labels: must("labels", list(text)),
});

const outlook = {
  reason: must("reason", text),
  ifAdopted: must("if_adopted", text),
  ifRemoved: must("if_removed", text),
  takes: must("takes", list(oneOf(...WORDS))),
};

const itemCodec = variants<RecoveryItem>({
  container: record<StrayItem>({
    kind: must("kind", oneOf("container")),
    id: must("id", text),
    name: must("name", text),
    host: must("host", text),
    group: must("group", groupRefCodec),
    groupUid: must("group_uid", text),
    slot: must("slot", whole),
    generation: must("generation", whole),
    ...outlook,
  }),
  engine: record<Extract<RecoveryItem, { kind: "engine" }>>({
    kind: must("kind", oneOf("engine")),
    id: must("id", text),
    host: must("host", text),
    ...outlook,
  }),
});

/** /theseus/recovery */
export const recoveryCodec = record<RecoveryRecord>({
  items: must("items", list(itemCodec)),
  more: must("more", whole),
  words: must(
    "words",
    list(
      record<GivenWord>({
        word: must("word", oneOf(...WORDS)),
        ids: must("ids", list(text)),
        change: must("change", changeCodec),
      }),
    ),
  ),
});

/** As the store has a config, with its keys in a fixed order. */
export const configTexts: ConfigTexts = {
  write: (config) => canonical(groupConfigCodec.write(config)),
  read(asText) {
    const decoded = decode(groupConfigCodec, asText);
    return "value" in decoded ? decoded.value : undefined;
  },
};
