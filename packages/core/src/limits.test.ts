import { expect, test } from "vitest";
import { checkKeys } from "./index.ts";

const known = ["model", "labels", "timeoutMs", "history"];

function hintFor(key: string): string | undefined {
  try {
    checkKeys("defineMail", { [key]: 1 }, known);
  } catch (error) {
    return (error as { readonly hint: string }).hint;
  }
  return undefined;
}

test.each([
  ["modle", "model"],
  ["lables", "labels"],
  ["Model", "model"],
  ["mdel", "model"],
  ["moddel", "model"],
  ["madel", "model"],
  ["timeout", "timeoutMs"],
  ["histroy", "history"],
])("%s may be meant for %s", (key, meant) => {
  expect(hintFor(key)).toBe(`Did you mean ${meant}?`);
});

test.each(["x", "retries", "dole", "", "__proto_", "ml"])("%j is near to nothing", (key) => {
  expect(hintFor(key)).toBe("Is it misspelt?");
});

test("what is known, and what has no keys, passes", () => {
  expect([hintFor("model"), checkKeys("defineMail", {}, known)]).toEqual([undefined, undefined]);
});
