import { expect, it } from "vitest";
import { classNameOf, identifierOf } from "./identifier.ts";

it.each([
  ["clean", "clean", "Clean"],
  ["find-links", "findLinks", "FindLinks"],
  ["a-1-b", "a1B", "A1B"],
  ["v2-of-it", "v2OfIt", "V2OfIt"],
  ["delete", "deleteAgent", "DeleteAgent"],
  ["test", "testAgent", "TestAgent"],
  ["define-agent", "defineAgentAgent", "DefineAgentAgent"],
  ["atomic-agent", "atomicAgent", "AtomicAgentAgent"],
  ["input", "input", "InputAgent"],
])("%s is exported as %s, its class as %s", (name, identifier, className) => {
  expect(identifierOf(name)).toBe(identifier);
  expect(classNameOf(name)).toBe(className);
});
