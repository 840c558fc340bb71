import { expect, it } from "vitest";
import { UsageError } from "../usage-error.ts";
import { checkNewName } from "./new-name.ts";

/** Only the names count. */
const entries = (...names: readonly string[]) => new Map(names.map((name) => [name, {} as never]));
const project = { agents: entries("clean"), pipelines: entries("triage"), flows: entries("tickets") };

function refusal(name: string): UsageError {
  try {
    checkNewName("agent", name, project, ["summarize"]);
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error("it was taken");
}

it.each(["a", "find-links", "v2", "a-1", "x".repeat(64)])("takes %s", (name) => {
  expect(() => checkNewName("agent", name, project, ["summarize"])).not.toThrow();
});

it.each([
  ["FindLinks", "Did you mean find-links?"],
  ["find links", "Did you mean find-links?"],
  ["find_links", "Did you mean find-links?"],
  ["été", "Did you mean ete?"],
  ["agents/clean", "Did you mean agents-clean?"],
  ["../clean", "Did you mean clean?"],
  ["2clean", "Did you mean clean?"],
  ["-clean", "Did you mean clean?"],
  ["clean-", "Did you mean clean?"],
  ["a--b", "Did you mean a-b?"],
  ["x".repeat(65), `Did you mean ${"x".repeat(64)}?`],
  ["", undefined],
  ["..", undefined],
  ["__proto__", "Did you mean proto?"],
  ["a\0b", "Did you mean a-b?"],
  ["项目", undefined],
])("refuses %j", (name, hint) => {
  const error = refusal(name);
  expect(error.message).toMatch(/ is no name for an agent$/);
  expect(error.hint).toBe(hint);
});

it.each(["true", "null", "constructor", "con", "lpt1"])("refuses %s", (name) => {
  expect(refusal(name).message).toMatch(/ means something else to /);
});

it.each([
  ["clean", "There is an agent clean already"],
  ["triage", "There is a pipeline triage already"],
  ["tickets", "There is a flow tickets already"],
  ["summarize", "There is a built-in agent summarize already"],
])("refuses %s", (name, message) => {
  expect(refusal(name).message).toBe(message);
});
