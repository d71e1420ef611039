// What wire.ts changes in the library below it. Goes by the shape of its insides, as they are in the version that is
// pinned; must not know what calls mean.

import { isRefusal } from "./errors.js";

/** The part of cockatiel's policies that is used here. */
type Policy<Call, Rest extends unknown[]> = { execute(call: Call, ...rest: Rest): Promise<unknown> };

/**
 * The library takes every "resource exhausted" for a broken connection and ends it, with all streams on it. What etcd
 * itself refuses is an answer. @param broken marks the errors that are taken so.
 */
export function keepingConnection<Call, Rest extends unknown[], P extends Policy<Call, Rest>>(
  policy: P,
  broken: symbol,
): P {
  const execute = async (call: Call, ...rest: Rest): Promise<unknown> => {
    try {
      return await policy.execute(call, ...rest);
    } catch (error) {
      if (isRefusal(error)) Reflect.deleteProperty(error, broken);
      throw error;
    }
  };
  return { ...policy, execute };
}

/**
 * The library takes every end of a stream for a broken connection, our own end of it too, and gives up the connection:
 * all other streams on it are dropped at its next sign of life. gRPC finds out by itself, and each reader of a stream is
 * told. @param pool of one host.
 */
export function outliveStreams(pool: unknown): void {
  (pool as { markFailed: () => void }).markFailed = () => undefined;
}

type Answered = (error: Error | null, answer?: { readonly token: string }) => void;
type Pool = {
  readonly authenticator: {
    getCredentialsFromHost(address: string, name: string, password: string, options?: object): Promise<string>;
  };
  readonly hosts: readonly {
    getServiceClient(name: "Auth"): { authenticate(request: object, options: object, answered: Answered): void };
  }[];
};

/**
 * The library opens a channel for each time it signs in, and closes none: somebody who is refused for a day would fill
 * the memory. @param pool of one host; @param cast gives an error the class that the library gives those of calls.
 */
export function signInOverOneChannel(pool: unknown, cast: (error: Error) => Error): void {
  const { authenticator, hosts } = pool as Pool;
  authenticator.getCredentialsFromHost = (_address, name, password, options = {}) =>
    new Promise((resolve, reject) => {
      hosts[0]?.getServiceClient("Auth").authenticate({ name, password }, options, (error, answer) => {
        if (error === null) resolve(answer?.token ?? "");
        else reject(cast(error));
      });
    });
}
