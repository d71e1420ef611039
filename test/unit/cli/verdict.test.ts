import { describe, expect, it } from "@jest/globals";
import { reasonCode } from "../../../clients/cli/output/words.js";
import { Verdicts } from "../../../clients/cli/wait/verdict.js";
import { ErrorReason } from "../../../clients/gen/theseus/v1/error_reason.js";
import { type Attention, Group } from "../../../clients/gen/theseus/v1/group.js";

const CHANGED = 1_000_000;

type Reasoned = Partial<Attention> & { readonly reason: ErrorReason };

function group(...attention: Reasoned[]): Group {
  return Group.fromPartial({
    lastChange: { time: new Date(CHANGED) },
    status: { attention: attention.map((one) => ({ sinceTime: new Date(CHANGED + 1), text: "x", ...one })) },
  });
}

const old = { sinceTime: new Date(CHANGED - 1) };
const codes = (verdicts: Verdicts, seen: Group, now: number) =>
  verdicts.judge(seen, now).map(({ reason }) => reasonCode(reason));

describe("waiting ends", () => {
  it("at once when the image cannot be had", () => {
    const { IMAGE_NOT_FOUND, IMAGE_DENIED, REGISTRY_UNREACHABLE, COMMAND_NOT_FOUND } = ErrorReason;
    for (const reason of [IMAGE_NOT_FOUND, IMAGE_DENIED, REGISTRY_UNREACHABLE, COMMAND_NOT_FOUND])
      expect(codes(new Verdicts(), group({ reason }), 0)).toHaveLength(1);
  });

  it("after a second when something fits nowhere, and not before", () => {
    const verdicts = new Verdicts();
    const refused = group({ reason: ErrorReason.NO_HOST_FITS, slot: 1 });
    expect(codes(verdicts, refused, 0)).toEqual([]);
    expect(codes(verdicts, refused, 999)).toEqual([]);
    expect(codes(verdicts, refused, 1000)).toEqual(["NO_HOST_FITS"]);
  });

  it("not when it fitted again in between", () => {
    const verdicts = new Verdicts();
    const refused = group({ reason: ErrorReason.PORT_TAKEN, slot: 1 });
    expect(codes(verdicts, refused, 0)).toEqual([]);
    expect(codes(verdicts, group(), 500)).toEqual([]);
    expect(codes(verdicts, refused, 1200)).toEqual([]);
  });

  it("after two different failures of one slot, or two seconds of one", () => {
    const exited = (text: string) => group({ reason: ErrorReason.CONTAINER_EXITED, slot: 1, text });
    const counting = new Verdicts();
    expect(codes(counting, exited("first"), 0)).toEqual([]);
    expect(codes(counting, exited("second"), 1000)).toEqual(["CONTAINER_EXITED"]);
    const waiting = new Verdicts();
    expect(codes(waiting, exited("first"), 0)).toEqual([]);
    expect(codes(waiting, exited("first"), 1999)).toEqual([]);
    expect(codes(waiting, exited("first"), 2000)).toEqual(["CONTAINER_EXITED"]);
  });

  it("never for a crash from before the change, and late for other old reasons", () => {
    const crash = new Verdicts();
    const before = group({ reason: ErrorReason.CONTAINER_EXITED, slot: 1, ...old });
    expect(codes(crash, before, 0)).toEqual([]);
    expect(codes(crash, before, 60_000)).toEqual([]);
    const image = new Verdicts();
    const stale = group({ reason: ErrorReason.IMAGE_NOT_FOUND, ...old });
    expect(codes(image, stale, 0)).toEqual([]);
    expect(codes(image, stale, 3000)).toEqual(["IMAGE_NOT_FOUND"]);
  });

  it("for what appears while we look, whatever the clocks of the servers say", () => {
    const verdicts = new Verdicts();
    expect(codes(verdicts, group(), 0)).toEqual([]);
    expect(codes(verdicts, group({ reason: ErrorReason.IMAGE_NOT_FOUND, ...old }), 150)).toEqual(["IMAGE_NOT_FOUND"]);
  });

  it("never for a reason that may pass", () => {
    const verdicts = new Verdicts();
    const slow = group({ reason: ErrorReason.CONTAINER_UNHEALTHY, slot: 1 });
    expect(codes(verdicts, slow, 0)).toEqual([]);
    expect(codes(verdicts, slow, 600_000)).toEqual([]);
  });

  it("with the weightiest reason first", () => {
    const both = group({ reason: ErrorReason.NO_HOST_FITS, slot: 1, ...old }, { reason: ErrorReason.IMAGE_DENIED });
    const verdicts = new Verdicts();
    verdicts.judge(both, 0);
    expect(codes(verdicts, both, 5000)).toEqual(["IMAGE_DENIED", "NO_HOST_FITS"]);
  });
});
