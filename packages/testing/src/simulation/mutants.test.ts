import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";

const child = path.join(import.meta.dirname, "mutant-child.ts");
const seeds = 2_000;

/** One line of core each, made wrong: what it breaks, the file, the text, what stands in its place, what is found. */
const mutants: readonly (readonly [string, string, string, string, RegExp])[] = [
  [
    "undo goes forward",
    "run/undoing.ts",
    "const entry = entries.pop();",
    "const entry = entries.splice(mark, 1)[0];",
    /before .*, which was done after it/,
  ],
  [
    "undo happens twice",
    "run/undoing.ts",
    "if (entry !== undefined) await undoOne(entry);",
    "if (entry !== undefined) { await undoOne(entry); await undoOne(entry); }",
    /undone twice/,
  ],
  [
    "nothing is undone",
    "run/frame.ts",
    "if (this.error !== undefined) await undoBackTo(this, 0);",
    "",
    /was undone 0 times/,
  ],
  ["retries are not counted", "run/frame.ts", "root.retriesLeft--;", "", /retries, \d+ were allowed/],
  [
    "stages go on after a cancel",
    "run/frame.ts",
    "if (this.generation !== generation) return this.abandon(value);",
    "",
    /./,
  ],
  ["the signal does not abort", "run/scope.ts", "this.controller?.abort(reason);", "", /./],
  ["alarms stay armed", "run/frame.ts", "alarms.disarm(this);", "", /./],
  [
    "a listener stays on the caller's signal",
    "run/run-program.ts",
    'signal.removeEventListener("abort", onAbort)',
    "undefined",
    /a listener is left/,
  ],
  [
    "items come in the order in which they end",
    "compose/map-items.ts",
    "outputs[index] = outcome;",
    "outputs.push(outcome);",
    /in place|outputs for/,
  ],
  [
    "a budget lets all pass",
    "budget.ts",
    "if (asked > this.#left(kind) + rounding) {",
    "if (asked < 0) {",
    /spent \d+ calls of/,
  ],
  [
    "resources are not disposed of",
    "resources/maker.ts",
    "const failure = await this.dispose(made);",
    "const failure = undefined;",
    /was not disposed of/,
  ],
  [
    "a pool lends one twice",
    "resources/resource-pool.ts",
    "const made = this.free.pop();",
    "const made = this.free.at(-1);",
    /is held \d+ times/,
  ],
  [
    "runs end without saying so",
    "run/stage-events.ts",
    'events.push({ type: "run-end"',
    'if (frame.status !== "failed") events.push({ type: "run-end"',
    /run-end was told 0 times/,
  ],
  [
    "the run's deadline is not kept",
    "run/env.ts",
    "  const observer = observerOf(options);",
    "  const observer = undefined;",
    /spans|told of 0 runs/,
  ],
  [
    "a concurrency limit does not count",
    "policies/concurrency-limit.ts",
    "this.#active++;",
    "",
    /a limit of \d+ is held/,
  ],
  [
    "a rate limit takes no token",
    "policies/rate-limit.ts",
    "this.#credit -= this.perMs;\n    return true;",
    "return true;",
    /let \d+ through/,
  ],
  [
    "a breaker lets calls through while it is open",
    "policies/circuit-breaker.ts",
    "if (leftMs > 0) throw this.#refusal(agent, Math.ceil(leftMs));",
    "if (leftMs > 0) return;",
    /through an open breaker/,
  ],
  [
    "a cache takes no heed of the input",
    "cache/cached-work.ts",
    "const key = this.keyOf(value, input, ctx);",
    "const key = this.keyOf(0, 0, ctx);",
    /./,
  ],
];

describe("the simulation finds it when", () => {
  test.for(mutants)("%s", async ([_what, file, text, replacement, found]) => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--conditions=@atomic-agents/source", "--no-warnings", child, file, text, replacement, String(seeds)],
      { timeout: 50_000 },
    );
    // What the child prints.
    const { violations } = JSON.parse(stdout) as { readonly violations: readonly string[] };
    expect(violations.join("\n")).toMatch(found);
  });
});
