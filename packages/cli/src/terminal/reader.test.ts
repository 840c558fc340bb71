import { EventEmitter } from "node:events";
import { expect, it } from "vitest";
import { watchReader } from "./reader.ts";

function watched() {
  const stdout = new EventEmitter();
  const said: string[] = [];
  const reader = watchReader(stdout, {
    onGone: () => said.push("gone"),
    onFailure: ({ message }) => said.push(message),
  });
  const fail = (code: string) => stdout.emit("error", Object.assign(new Error(`failed: ${code}`), { code }));
  return { reader, said, fail };
}

it("tells a reader that has gone from a failure", () => {
  const { reader, said, fail } = watched();
  expect(reader.isGone()).toBe(false);
  fail("ENOSPC");
  expect(reader.isGone()).toBe(false);
  fail("EPIPE");
  expect(reader.isGone()).toBe(true);
  expect(said).toEqual(["failed: ENOSPC", "gone"]);
});

it("has what is at work end in order, as long as it is", () => {
  const { reader, said, fail } = watched();
  const takeBack = reader.whenGone(({ message }) => said.push(`ended in order: ${message}`));
  fail("EPIPE");
  takeBack();
  fail("EPIPE");
  expect(said).toEqual(["ended in order: failed: EPIPE", "gone"]);
});
