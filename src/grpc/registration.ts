// The calls of programs that register themselves. What they hold is in the store alone, so each server takes each call.

import type {
  DiscoveryServiceService,
  UpdateRegistrationResponse,
} from "../../clients/gen/theseus/v1/discovery_service.js";
import type { Kept } from "../model/registration.js";
import type { Impl } from "./adapter.js";
import { readHolder, readRegistration, readRegistrationChange } from "./asked-registration.js";
import { fromGroupRef } from "./convert-container.js";
import { toDuration } from "./convert-time.js";
import type { DiscoveryDeps } from "./discovery-deps.js";

type Calls = "register" | "renew" | "updateRegistration" | "deregister";

export function registrationHandlers({
  registrations,
}: Pick<DiscoveryDeps, "registrations">): Pick<Impl<typeof DiscoveryServiceService>, Calls> {
  return {
    register: async (request) => {
      const { container, holderId, ttl, revision } = await registrations.register(readRegistration(request));
      const which = { $case: "name" as const, value: container.name };
      return { container: { group: fromGroupRef(container), which }, holderId, ttl: toDuration(ttl), revision };
    },
    renew: async (request) => {
      const { container, secret } = readHolder(request);
      return renewed(await registrations.renew(container, secret));
    },
    updateRegistration: async (request) => {
      const { container, secret, change } = readRegistrationChange(request);
      return renewed(await registrations.updateRegistration(container, secret, change));
    },
    deregister: async (request) => {
      const { container, secret } = readHolder(request);
      return { revision: (await registrations.deregister(container, secret)).revision };
    },
  };
}

function renewed({ ttl, madeAgain, revision }: Kept): UpdateRegistrationResponse {
  return { ttl: toDuration(ttl), madeAgain, revision };
}
