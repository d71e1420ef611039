// TheseusService.ReadEvents over the wire: whose events are given, what is refused, how messages are divided.

import { afterEach, describe, expect, it } from "@jest/globals";
import type { Event, EventsAsked, Timeline } from "../../src/model/event.js";
import { groupRef } from "../../src/model/reference.js";
import { failureOf, type Rig, startRig } from "../unit/grpc/rig.js";

const AT = 1_800_000_000_000;
const LEADER: Event = { at: AT, actor: "theseus", kind: "leader", text: "s1 leads" };

function about(service: string, labels: readonly string[], text: string): Event {
  const place = { group: groupRef(service, labels), slot: 2, host: "local", configRevision: 3 };
  return { at: AT, actor: "ana@desk", ...place, kind: "container-failed", text };
}

let rig: Rig;
afterEach(() => rig.close());

async function rigWith(...parts: readonly (readonly Event[])[]): Promise<readonly EventsAsked[]> {
  const asked: EventsAsked[] = [];
  const timeline: Timeline = {
    async *readEvents(question) {
      asked.push(question);
      yield* parts;
    },
  };
  rig = await startRig({ timeline });
  await rig.settled();
  return asked;
}

const texts = async (...asked: Parameters<Rig["theseus"]["readEvents"]>) =>
  (await rig.theseus.readEvents(...asked)).flatMap(({ events }) => events.map(({ text }) => text));

describe("events over the wire", () => {
  it("are told with everything that is known of them", async () => {
    await rigWith([about("web", ["prod"], "it ended")]);
    expect(await rig.theseus.readEvents({})).toEqual([
      {
        events: [
          {
            ...{ time: new Date(AT), actor: "ana@desk", kind: "container-failed", text: "it ended" },
            group: { namespace: "default", service: "web", labels: ["prod"] },
            ...{ slot: 2, host: "local", configRevision: 3n },
          },
        ],
      },
    ]);
  });

  it("are those of the selected groups; what is about the cluster comes where no group is selected", async () => {
    await rigWith([LEADER, about("web", ["prod"], "a"), about("web", ["dev"], "b"), about("db", ["prod"], "c")]);
    expect(await texts({})).toEqual(["s1 leads", "a", "b", "c"]);
    expect(await texts({ selector: { service: "web" } })).toEqual(["a", "b"]);
    expect(await texts({ selector: { labels: "prod" } })).toEqual(["a", "c"]);
    expect(await texts({ selector: { labels: "!prod", service: "web" } })).toEqual(["b"]);
  });

  it("are asked for of one namespace or of all, from a time on", async () => {
    const asked = await rigWith();
    await rig.theseus.readEvents({ since: new Date(AT), follow: true });
    await rig.theseus.readEvents({ selector: { allNamespaces: true } });
    expect(asked).toEqual([{ namespace: "default", since: AT, follow: true }, { follow: false }]);
  });

  it("are refused of a namespace that there is not, and with a selector that is none", async () => {
    await rigWith();
    const nowhere = failureOf(rig.theseus.readEvents({ selector: { namespace: "nowhere" } }));
    expect(await nowhere).toMatchObject({ reason: "NO_SUCH_NAMESPACE" });
    const wrong = failureOf(rig.theseus.readEvents({ selector: { labels: "Prod" } }));
    expect(await wrong).toMatchObject({ reason: "BAD_LABEL" });
    const early = failureOf(rig.theseus.readEvents({ since: new Date(-1) }));
    expect(await early).toMatchObject({ reason: "INVALID_REQUEST" });
  });

  it("come in messages that any client takes, and an empty one says that all of the past was told", async () => {
    const many = Array.from({ length: 450 }, (_, i) => about("web", ["prod"], String(i)));
    await rigWith(many, [], [about("web", ["prod"], "new")]);
    const messages = await rig.theseus.readEvents({ follow: true });
    expect(messages.map(({ events }) => events.length)).toEqual([200, 200, 50, 0, 1]);
  });
});
