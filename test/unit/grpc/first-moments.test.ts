import { describe, expect, it } from "@jest/globals";
import { DiscoveryServiceService } from "../../../clients/gen/theseus/v1/discovery_service.js";
import { TheseusServiceService } from "../../../clients/gen/theseus/v1/theseus_service.js";
import type { Impl } from "../../../src/grpc/adapter.js";
import { after } from "../../../src/grpc/first-moments.js";
import { settle } from "../../support/manual-clock.js";

type Method = { readonly responseStream: boolean };
type Answering = (request: unknown, context: unknown) => AsyncIterable<string> & Promise<string>;

/** Every method of a service, answering with its own name: a stream where it is one. */
function answering<S extends Record<keyof S, Method>>(service: S): Impl<S> {
  const names = Object.keys(service) as (keyof S & string)[];
  const handlers = names.map((name) => {
    const streamed = async function* () {
      yield name;
    };
    return [name, service[name].responseStream ? streamed : async () => name];
  });
  return Object.fromEntries(handlers) as Impl<S>;
}

function methodsOf<S extends Record<keyof S, Method>>(service: S) {
  return Object.entries<Method>(service).map(([name, { responseStream }]) => ({ name, responseStream, service }));
}

describe("calls in a server's first moments", () => {
  it.each([...methodsOf(DiscoveryServiceService), ...methodsOf(TheseusServiceService)])(
    "are answered after them: $name",
    async ({ name, responseStream, service }) => {
      let pass: () => void = () => undefined;
      const moments = new Promise<void>((resolve) => {
        pass = resolve;
      });
      const handlers = after(moments, service as never, answering(service as never)) as Record<string, Answering>;
      const handler = handlers[name];
      if (handler === undefined) throw new Error(`nothing answers ${name}`);
      const answer = handler({}, {});
      let got: unknown;
      const first = responseStream ? answer[Symbol.asyncIterator]().next() : answer;
      const seen = Promise.resolve(first).then((value) => {
        got = value;
      });
      await settle();
      expect(got).toBeUndefined();
      pass();
      await seen;
      expect(got).toEqual(responseStream ? { done: false, value: name } : name);
    },
  );
});
