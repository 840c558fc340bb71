import { type AnyAgent, defineAgent, sleep, untyped } from "@atomic-agents/core";
import { type DeadLetter, flow, fromIterable, type ThroughOptions, toArray } from "@atomic-agents/flow";
import { createVirtualClock } from "@atomic-agents/testing";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { mappedAgent, type RecordMapping } from "./mapped-agent.ts";

interface Ticket {
  readonly id: number;
  readonly text: unknown;
}

const mapping: RecordMapping = {
  // The flow gives it tickets.
  toInput: (record) => ({ text: (record as Ticket).text }),
  toOutput: (record, output) => ({ id: (record as Ticket).id, ...(output as object) }),
};

function agentOf(execute: (text: string) => string | Promise<string>): AnyAgent {
  return defineAgent({
    name: "shout",
    description: "Turns text into capitals.",
    version: "2.0.0",
    input: z.object({ text: z.string() }),
    output: z.object({ label: z.string() }),
    execute: ({ text }) => {
      const label = execute(text);
      return typeof label === "string" ? { label } : label.then((late) => ({ label: late }));
    },
  });
}

async function run(
  agent: AnyAgent,
  tickets: readonly Ticket[],
  { timeoutMs, ...options }: ThroughOptions = {},
  map = mapping,
) {
  const got: unknown[] = [];
  const letters: DeadLetter[] = [];
  const mapped = mappedAgent(agent, map, timeoutMs);
  const clock = createVirtualClock();
  const summary = await clock.until(
    flow(fromIterable<unknown>(tickets))
      .through(untyped(mapped.agent), { onError: "dead-letter", ...options, timeoutMs: mapped.timeoutMs })
      .to(toArray(got), { deadLetters: toArray(letters), run: { clock } }),
  );
  return { got, letters, summary };
}

describe("a mapped agent", () => {
  it("takes records and gives records, at once where the agent answers at once", async () => {
    const mapped = mappedAgent(
      agentOf((text) => text.toUpperCase()),
      mapping,
      undefined,
    ).agent;
    expect(mapped).toMatchObject({
      name: "shout",
      version: "2.0.0",
      description: "Turns text into capitals.",
    });
    const { got } = await run(
      agentOf((text) => text.toUpperCase()),
      [{ id: 1, text: "a" }],
    );
    expect(got).toEqual([{ id: 1, label: "A" }]);
    const { got: late } = await run(
      agentOf(async (text) => text.toUpperCase()),
      [{ id: 1, text: "a" }],
    );
    expect(late).toEqual([{ id: 1, label: "A" }]);
    const { got: plain } = await run(
      agentOf((text) => text),
      [{ id: 1, text: "a" }],
      {},
      {
        toInput: undefined,
        toOutput: undefined,
      },
    );
    expect(plain).toEqual([{ label: "a" }]);
  });

  it("keeps what failed as it was before it was mapped, and says what failed", async () => {
    const { letters } = await run(
      agentOf(() => {
        throw new Error("no answer");
      }),
      [
        { id: 1, text: "a" },
        { id: 2, text: 7 },
      ],
      { retry: { attempts: 3, baseDelayMs: 1, jitter: "none" } },
    );
    expect(letters).toMatchObject([
      { record: 2, input: { id: 2, text: 7 }, attempts: 1, error: { code: "VALIDATION_INPUT" } },
      { record: 1, input: { id: 1, text: "a" }, attempts: 3, error: { code: "EXECUTION" } },
    ]);
  });

  it("fails for good where a mapping does", async () => {
    const fail = (): never => {
      throw new TypeError("there is no such field");
    };
    let calls = 0;
    const agent = agentOf((text) => {
      calls++;
      return text;
    });
    const retry = { attempts: 3, baseDelayMs: 1 };
    const before = await run(agent, [{ id: 1, text: "a" }], { retry }, { ...mapping, toInput: fail });
    expect([calls, before.letters[0]?.attempts]).toEqual([0, 1]);
    expect(before.letters[0]?.error.message).toBe("The input mapping failed: there is no such field");
    const after = await run(agent, [{ id: 1, text: "a" }], { retry }, { ...mapping, toOutput: fail });
    expect([calls, after.letters[0]?.attempts]).toEqual([1, 1]);
    expect(after.letters[0]?.error.message).toBe("The output mapping failed: there is no such field");
  });

  it("has the time that is said, and else the agent's own", async () => {
    const slow = defineAgent({
      name: "slow",
      description: "Waits.",
      input: z.object({ text: z.string() }),
      output: z.object({ label: z.string() }),
      execute: async (_, ctx) => {
        await sleep(130_000, ctx);
        return { label: "late" };
      },
    });
    const tickets = [{ id: 1, text: "a" }];
    expect((await run(slow, tickets)).letters[0]?.error).toMatchObject({
      code: "TIMEOUT",
      details: { timeoutMs: 120_000 },
    });
    expect((await run(slow, tickets, { timeoutMs: 5 })).letters[0]?.error.details).toMatchObject({
      timeoutMs: 5,
    });
    expect((await run(slow, tickets, { timeoutMs: 140_000 })).got).toEqual([{ id: 1, label: "late" }]);
  });
});
