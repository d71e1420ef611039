import { getEventListeners } from "node:events";
import { describe, expect, it } from "@jest/globals";
import { ownEnd } from "../../../clients/viewer/gateway/own-end.js";

describe("an end of one's own", () => {
  it("comes with the longer one, also with one that came before", () => {
    const longer = new AbortController();
    const early = ownEnd(longer.signal);
    longer.abort("over");
    expect([early.own.signal.reason, ownEnd(longer.signal).own.signal.reason]).toEqual(["over", "over"]);
  });

  it("leaves nothing behind on the longer one when it is over", () => {
    const longer = new AbortController();
    const { own, leave } = ownEnd(longer.signal);
    own.abort();
    leave();
    expect([longer.signal.aborted, getEventListeners(longer.signal, "abort")]).toEqual([false, []]);
  });
});
