import { AtomicError, defineAgent, errorCatalog } from "@atomic-agents/core";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { errorOfProblem, isProblem } from "./problem-error.ts";

const problem = (code: string, more: object = {}): Readonly<Record<string, unknown>> => ({
  type: `urn:atomic-agents:error:${code}`,
  title: "…",
  status: 500,
  detail: "It did not work.",
  code,
  requestId: "there-1",
  runId: "run-there",
  agent: "inner",
  stage: "a/b",
  retryable: false,
  hint: "Try something else.",
  disposition: "dead-letter",
  timestamp: "2026-01-31T10:00:00.000Z",
  ...more,
});

test("is the error that it tells of, and keeps the ids that it has over there", () => {
  const error = errorOfProblem(problem("TIMEOUT", { details: { scope: "run", timeoutMs: 5 } }));
  expect(error).toMatchObject({
    code: "TIMEOUT",
    message: "It did not work.",
    agent: "inner",
    stage: "a/b",
    retryable: false,
    hint: "Try something else.",
    disposition: "dead-letter",
    details: { scope: "run", timeoutMs: 5 },
  });
  expect(error.runId).toBeUndefined();
  expect(error.cause).toMatchObject({ code: "TIMEOUT", runId: "run-there", requestId: "there-1" });
});

describe.each(Object.keys(errorCatalog))("%s", (code) => {
  test.each([
    ["no details", undefined],
    ["null", null],
    ["a list", [1]],
    [
      "details of other kinds",
      { issues: "x", timeoutMs: "y", failures: {}, cases: 1, thrown: 5, reasons: null },
    ],
  ])("has what its readers count on with %s", (_, details) => {
    const error = errorOfProblem(problem(code, { details }));
    expect(AtomicError.isInstance(error)).toBe(true);
    expect(error.code).toBe(code);
    // What is typed as there is there, so that nobody has to ask.
    const lists: Readonly<Record<string, string>> = {
      VALIDATION_INPUT: "issues",
      VALIDATION_OUTPUT: "issues",
      ALL_FAILED: "failures",
      NO_ROUTE: "cases",
      INCOMPATIBLE: "reasons",
    };
    const list = lists[code];
    if (list !== undefined) expect(error.details).toHaveProperty(list, []);
    expect(typeof error.details).toBe("object");
  });
});

test("takes a code that is not known for a failure of the agent", () => {
  expect(errorOfProblem(problem("NEWER_CODE"))).toMatchObject({ code: "EXECUTION" });
  expect(errorOfProblem(problem("__proto__"))).toMatchObject({ code: "EXECUTION" });
});

test("says how long to wait where only the header does", () => {
  const headers = { "retry-after": "3" };
  expect(errorOfProblem(problem("RATE_LIMITED"), headers).details).toEqual({ retryAfterMs: 3_000 });
  const said = problem("OVERLOADED", { details: { retryAfterMs: 5 } });
  expect(errorOfProblem(said, headers).details).toEqual({ retryAfterMs: 5 });
  expect(errorOfProblem(problem("EXECUTION"), headers).details).toEqual({ thrown: "" });
});

test("that a run over there was cancelled is a failure here, where it is still wanted", async () => {
  for (const runId of ["run-there", undefined]) {
    const caller = defineAgent({
      name: "caller",
      description: "Calls.",
      input: z.null(),
      output: z.null(),
      execute: () => {
        throw errorOfProblem(problem("CANCELLED", { runId, details: { reason: "by its operator" } }));
      },
    });
    expect(await caller.tryRun(null)).toMatchObject({
      ok: false,
      error: { code: "EXECUTION", retryable: false, cause: { code: "CANCELLED" } },
    });
  }
});

test.each([null, 5, [], {}, { code: 5, detail: "a" }, { code: "A" }])("%j is no problem", (value) => {
  expect(isProblem(value)).toBe(false);
});
