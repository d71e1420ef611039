// What there is to call, as the descriptors say it: the same bytes that the server hands out by reflection.

import { createFileRegistry, type DescField, type DescMessage, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { FILE_DESCRIPTOR_SET } from "../../../clients/gen/descriptor.js";
import { DiscoveryServiceService } from "../../../clients/gen/theseus/v1/discovery_service.js";
import { TheseusServiceService } from "../../../clients/gen/theseus/v1/theseus_service.js";

export type Asked = {
  /** "Lookup". */
  readonly name: string;
  /** "/theseus.v1.DiscoveryService/Lookup". */
  readonly path: string;
  readonly request: DescMessage;
  readonly streams: boolean;
  /** Throws where the bytes are no request of this method. */
  readonly decode: (bytes: Buffer) => unknown;
};

const SERVICES = ["theseus.v1.DiscoveryService", "theseus.v1.TheseusService"];

/** Every method of both services. */
export function everyMethod(): Asked[] {
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, Buffer.from(FILE_DESCRIPTOR_SET, "base64")));
  const codecs = [...Object.values(DiscoveryServiceService), ...Object.values(TheseusServiceService)];
  return SERVICES.flatMap((service) =>
    (registry.getService(service)?.methods ?? []).map(({ name, input, methodKind }) => {
      const path = `/${service}/${name}`;
      const decode = codecs.find((codec) => codec.path === path)?.requestDeserialize;
      if (decode === undefined) throw new Error(`no generated code for ${path}`);
      return { name, path, request: input, streams: methodKind === "server_streaming", decode };
    }),
  );
}

/** Every field that requests are made of, however deep. */
export function everyField(methods: readonly Asked[]): Set<DescField> {
  const messages = new Set(methods.map(({ request }) => request));
  const fields = new Set<DescField>();
  // A set that grows is walked to its new end.
  for (const message of messages) {
    for (const field of message.fields) {
      fields.add(field);
      if (field.message !== undefined) messages.add(field.message);
    }
  }
  return fields;
}
