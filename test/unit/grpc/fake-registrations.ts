// Registrations that are all taken and kept; what was asked is kept too.

import type { ContainerRef } from "../../../src/model/reference.js";
import type { Kept, Registration, RegistrationChange, RegistrationStore } from "../../../src/model/registration.js";

export class FakeRegistrations implements RegistrationStore {
  readonly registered: Registration[] = [];
  readonly changes: RegistrationChange[] = [];

  async register(asked: Registration): Promise<Kept> {
    this.registered.push(asked);
    return kept({ ...asked.group, name: asked.name ?? "made" });
  }

  async renew(container: ContainerRef): Promise<Kept> {
    return kept(container);
  }

  async updateRegistration(container: ContainerRef, _: string, change: RegistrationChange): Promise<Kept> {
    this.changes.push(change);
    return kept(container);
  }

  async deregister() {
    return { revision: 1n };
  }
}

const kept = (container: ContainerRef): Kept => ({
  container,
  ttl: 15_000,
  holderId: "0123456789ab",
  madeAgain: false,
  revision: 1n,
});
