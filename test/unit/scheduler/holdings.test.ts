import { describe, expect, it } from "@jest/globals";
import { groupId, groupRef } from "../../../src/model/reference.js";
import { byGroup } from "../../../src/model/reservations.js";
import { Holdings } from "../../../src/scheduler/holdings.js";
import { heldPlace } from "../../../src/scheduler/host-holdings.js";
import { othersOn } from "../../../src/scheduler/others.js";
import { aGroup, anIntent } from "../../support/builders.js";

const WEB = aGroup({ ports: [{ name: "http", container: 80 }] });
const intent = anIntent(WEB, { slot: 1, hostPorts: { http: 20_000 } });
const reservation = { group: WEB.ref, intent, cpu: 1, mem: 100 };
const promised = () => heldPlace(groupId(WEB.ref), reservation);
const NOBODY = { id: groupId(groupRef("api", [])), places: [] };

function seenBy(holdings: Holdings, group = NOBODY) {
  const others = othersOn({ holdings: holdings.on("local"), group, listing: undefined });
  return [others.reservedCpu, others.takenPorts.has(20_000), others.takenNames.has(intent.name)];
}

describe("what is promised and not written yet", () => {
  it("counts for everybody else from that moment, until it is forgotten", () => {
    const holdings = new Holdings();
    const place = promised();
    holdings.promise(place);
    expect(seenBy(holdings)).toEqual([1, true, true]);
    expect(seenBy(holdings, { id: groupId(WEB.ref), places: [] })).toEqual([0, false, false]);
    holdings.take([]);
    expect(seenBy(holdings)).toEqual([1, true, true]);
    holdings.forget(place);
    expect(seenBy(holdings)).toEqual([0, false, false]);
  });

  it("counts once when it is written, and the promise is over then", () => {
    const holdings = new Holdings();
    const place = promised();
    holdings.promise(place);
    holdings.take(byGroup([reservation]));
    expect(seenBy(holdings)).toEqual([1, true, true]);
    holdings.take([]);
    expect(seenBy(holdings)).toEqual([0, false, false]);
    holdings.forget(place);
    expect(holdings.on("local").nanocores).toBe(0);
  });

  it("counts once when it is promised anew", () => {
    const holdings = new Holdings();
    const [first, second] = [promised(), promised()];
    holdings.promise(first);
    holdings.promise(second);
    expect(seenBy(holdings)).toEqual([1, true, true]);
    holdings.forget(first);
    expect(seenBy(holdings)).toEqual([1, true, true]);
    holdings.forget(second);
    expect(seenBy(holdings)).toEqual([0, false, false]);
  });
});
