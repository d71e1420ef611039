import { status } from "@grpc/grpc-js";
import { describe, expect, it } from "@jest/globals";
import type { Connection } from "../../../clients/connect.js";
import { TheseusClientError } from "../../../clients/errors.js";
import { counted } from "../../../clients/viewer/gateway/counted.js";

const failure = (code: number) => new TheseusClientError({ code, reason: "INTERNAL", message: "no" });

describe("calls to servers", () => {
  it("are counted when they fail, be they calls or streams, and not when they are answered with a refusal", async () => {
    const failures = { count: 0 };
    const connection = {
      discovery: {
        getGroup: async ({ code }: { code: number }) => {
          if (code !== status.OK) throw failure(code);
          return "well";
        },
        watch: async function* ({ code }: { code: number }) {
          yield 1;
          if (code !== status.OK) throw failure(code);
        },
      },
      theseus: {},
      close: () => undefined,
    } as unknown as Connection;
    const { getGroup, watch } = counted(connection, failures).discovery as unknown as {
      getGroup: (request: unknown) => Promise<string>;
      watch: (request: unknown) => AsyncIterable<number>;
    };
    const all = async (code: number) => {
      const seen: number[] = [];
      for await (const one of watch({ code })) seen.push(one);
      return seen;
    };
    expect([await getGroup({ code: status.OK }), await all(status.OK), failures.count]).toEqual(["well", [1], 0]);
    for (const code of [status.NOT_FOUND, status.CANCELLED, status.INVALID_ARGUMENT])
      await expect(getGroup({ code })).rejects.toMatchObject({ code });
    expect(failures.count).toBe(0);
    await expect(getGroup({ code: status.UNAVAILABLE })).rejects.toMatchObject({ code: status.UNAVAILABLE });
    await expect(all(status.RESOURCE_EXHAUSTED)).rejects.toMatchObject({ code: status.RESOURCE_EXHAUSTED });
    expect(failures.count).toBe(2);
  });
});
