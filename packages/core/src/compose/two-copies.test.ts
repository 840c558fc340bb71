import { describe, expect, it, vi } from "vitest";
import * as z from "zod";
import * as own from "../index.ts";

type Core = typeof own;

vi.resetModules();
const other: Core = await import("../index.ts");

const log = own.createLog({ write: () => {} });

/** Waits, and fails for "bad". */
function echoOf(core: Core) {
  return core.defineAgent({
    name: "echo",
    description: "Gives back what it is given.",
    input: z.string(),
    output: z.object({ text: z.string() }),
    execute: async (text) => {
      await Promise.resolve();
      if (text === "bad") throw new Error("bad");
      return { text };
    },
  });
}

describe.each([
  ["of another copy", own, other],
  ["of this copy, in another", other, own],
])("what stands around an agent, %s", (_which, here, there) => {
  it("is another one's class", () => {
    expect(there.CircuitBreaker).not.toBe(here.CircuitBreaker);
  });

  it("a breaker hears of failures", async () => {
    const breaker = new there.CircuitBreaker({ failures: 2 });
    const agent = here.withCircuitBreaker(echoOf(here), breaker);
    expect(await agent.run("good", { log })).toEqual({ text: "good" });
    await agent.tryRun("bad", { log });
    expect(breaker.tally).toMatchObject({ failuresInARow: 1, callsInWindow: 2 });
    await agent.tryRun("bad", { log });
    expect(breaker.state).toBe("open");
  });

  it("a limit keeps a place until its call has ended", async () => {
    const limit = new there.ConcurrencyLimit({ max: 1 });
    const agent = here.withConcurrencyLimit(echoOf(here), limit);
    const runs = [agent.run("a"), agent.run("b")];
    expect([limit.active, limit.waiting]).toEqual([1, 1]);
    expect(await Promise.all(runs)).toEqual([{ text: "a" }, { text: "b" }]);
    expect([limit.active, limit.waiting]).toEqual([0, 0]);
  });

  it("an agent with guards inside and around gives what it gives", async () => {
    const inner = there.withRateLimit(
      there.withCircuitBreaker(echoOf(there), new there.CircuitBreaker()),
      new there.RateLimit({ limit: 5, perMs: 1_000 }),
    );
    const agent = here.withConcurrencyLimit(inner, new here.ConcurrencyLimit({ max: 1 }));
    expect(await Promise.all([agent.run("a"), agent.run("b")])).toEqual([{ text: "a" }, { text: "b" }]);
  });

  it("what was done is undone", async () => {
    const undone: string[] = [];
    const done = there.withUndo(echoOf(there), ({ text }) => void undone.push(text));
    const fails = here.defineAgent({
      name: "fails",
      description: "Always fails.",
      input: z.object({ text: z.string() }),
      output: z.string(),
      execute: () => {
        throw new Error("too late");
      },
    });
    const result = await here.pipeline("order").stage(done).stage(fails).tryRun("x", { log });
    expect(result).toMatchObject({ ok: false, error: { code: "EXECUTION", stage: "fails" } });
    expect(undone).toEqual(["x"]);
  });
});
