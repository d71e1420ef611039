import { describe, expect, it } from "@jest/globals";
import { groupRef } from "../../../src/model/reference.js";
import { Echoes } from "../../../src/scheduler/echoes.js";

const A = groupRef("a", []);

describe("what the feed tells of a group", () => {
  it("is news until the group was read at that revision", () => {
    const echoes = new Echoes();
    expect(echoes.isNews(A, 5n)).toBe(true);
    echoes.read(A, 5n);
    expect(echoes.isNews(A, 5n)).toBe(false);
    expect(echoes.isNews(A, 6n)).toBe(true);
  });

  it("is no news where we wrote it, told before the answer or after it", () => {
    const echoes = new Echoes();
    echoes.begun(A);
    expect(echoes.isNews(A, 7n)).toBe(false);
    expect(echoes.ended(A, 7n)).toBe(false);
    echoes.begun(A);
    expect(echoes.ended(A, 8n)).toBe(false);
    expect(echoes.isNews(A, 8n)).toBe(false);
  });

  it("is news at the end of our write where others wrote meanwhile", () => {
    const echoes = new Echoes();
    echoes.begun(A);
    expect(echoes.isNews(A, 7n)).toBe(false);
    expect(echoes.isNews(A, 8n)).toBe(false);
    expect(echoes.ended(A, 8n)).toBe(true);
  });

  it("is news at the end of a write whose outcome nobody knows", () => {
    const echoes = new Echoes();
    echoes.begun(A);
    expect(echoes.isNews(A, 7n)).toBe(false);
    expect(echoes.ended(A)).toBe(true);
    echoes.begun(A);
    expect(echoes.ended(A)).toBe(false);
  });

  it("waits for the last of several writes of ours, also where the group is forgotten meanwhile", () => {
    const echoes = new Echoes();
    echoes.begun(A);
    echoes.begun(A);
    expect(echoes.isNews(A, 9n)).toBe(false);
    expect(echoes.ended(A, 7n)).toBe(false);
    echoes.forget(A);
    expect(echoes.ended(A, 8n)).toBe(true);
  });
});
