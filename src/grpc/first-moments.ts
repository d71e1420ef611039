// In the first moments after the start a call waits until the store has been read, so that who calls as soon as the
// listener is open is answered and not refused.

import type { Catalog } from "../model/catalog.js";
import { type Milliseconds, SECOND } from "../model/instant.js";
import type { Clock } from "../model/ports.js";
import type { Impl, PushHandler, RepeatedHandler, StreamHandler, UnaryHandler } from "./adapter.js";

/** A store that has not been read by then is away: calls are told so at once. */
const PATIENCE: Milliseconds = 2 * SECOND;

/** Resolves when the catalog is loaded or patience is over. Never rejects. */
export function firstMoments(catalog: Pick<Catalog, "reach">, clock: Clock, stopping: AbortSignal): Promise<void> {
  const over = new AbortController();
  const either = [catalog.reach(0n, stopping), clock.sleep(PATIENCE, over.signal)];
  return Promise.race(either)
    .catch(() => undefined)
    .finally(() => {
      over.abort();
      for (const one of either) one.catch(() => undefined);
    });
}

/** The same handlers, each beginning after the first moments. @param except what is answered without the catalog. */
export function after<S extends Record<keyof S, Method>>(
  moments: Promise<void>,
  service: S,
  impl: Impl<S>,
  except: readonly (keyof S)[] = [],
): Impl<S> {
  const entries = Object.entries(impl) as [keyof S, Handler][];
  return Object.fromEntries(
    entries.map(([name, handler]) => [
      name,
      except.includes(name) ? handler : waiting(moments, handler, service[name].responseStream),
    ]),
  ) as unknown as Impl<S>;
}

type Method = { readonly responseStream: boolean };
type Unary = UnaryHandler<unknown, unknown>;
type Pulled = StreamHandler<unknown, unknown>;
type Handler = Unary | RepeatedHandler<unknown, unknown> | Pulled | PushHandler<unknown>;

function waiting(moments: Promise<void>, handler: Handler, isStream: boolean): Handler {
  if ("push" in handler) {
    return {
      push: async (...given) => {
        await moments;
        await handler.push(...given);
      },
    };
  }
  if ("repeated" in handler) return { repeated: late(moments, handler.repeated) };
  return isStream ? latePulled(moments, handler as Pulled) : late(moments, handler as Unary);
}

/** What is pulled has to be there at once: it begins late itself. */
function latePulled(moments: Promise<void>, handler: Pulled): Pulled {
  return async function* (request, context) {
    await moments;
    yield* handler(request, context);
  };
}

function late(moments: Promise<void>, handler: Unary): Unary {
  let over = false;
  void moments.then(() => {
    over = true;
  });
  return (request, context) => (over ? handler(request, context) : moments.then(() => handler(request, context)));
}
