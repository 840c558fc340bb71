import { createLog, defineAgent } from "@atomic-agents/core";
import { createVirtualClock } from "@atomic-agents/testing";
import { expect, it } from "vitest";
import * as z from "zod";
import type { ServeOptions } from "../server/options.ts";
import { serve } from "../server/serve.ts";

const never = new Promise<never>(() => {});

/** Stops a service whose agent never ends; says how long that took, what was answered, and what was logged. */
async function stopped(options: ServeOptions) {
  const clock = createVirtualClock();
  const begun = Promise.withResolvers<void>();
  const lines: string[] = [];
  const held = defineAgent({
    name: "held",
    description: "For tests.",
    input: z.number(),
    output: z.number(),
    execute: () => {
      begun.resolve();
      return never;
    },
  });
  const write = (line: string): void => {
    // As `createLog` writes it.
    lines.push((JSON.parse(line) as { readonly message: string }).message);
  };
  const service = await serve(held, {
    port: 0,
    handleSignals: false,
    timeoutMs: 1_000_000,
    accessLog: false,
    clock,
    log: createLog({ level: "warn", write }),
    ...options,
  });
  const answer = fetch(`${service.url}/execute`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: '{"input":1}',
  });
  await begun.promise;
  const fromMs = clock.now();
  await clock.until(service.close());
  expect(await service.stopped).toBe(false);
  const { status, headers: answered } = await answer;
  expect([status, answered.get("retry-after")]).toEqual([503, "1"]);
  expect(await (await answer).json()).toMatchObject({
    code: "CONNECTION",
    status: 503,
    agent: "held",
    detail: expect.stringContaining("is stopping"),
    details: { executed: "perhaps" },
    retryable: true,
    hint: expect.stringContaining("drainTimeoutMs"),
  });
  return { tookMs: clock.now() - fromMs, lines };
}

/** What the last answers may take at most. */
const lastMs = 1_000;

it("takes no longer than both of its times, also where onDrain does not end", async () => {
  const times = { drainDelayMs: 2_000, drainTimeoutMs: 30_000 };
  const without = await stopped(times);
  expect(without.tookMs).toBeGreaterThanOrEqual(32_000);
  expect(without.tookMs).toBeLessThanOrEqual(32_000 + lastMs);
  const { tookMs, lines } = await stopped({ ...times, onDrain: () => never });
  expect(tookMs).toBeLessThanOrEqual(32_000 + 2 * lastMs);
  expect(lines).toEqual(["onDrain took too long; going on", "work was cut off"]);
});

it("goes on where onDrain fails, and says so", async () => {
  const onDrain = () => {
    throw new Error("not told");
  };
  const { tookMs, lines } = await stopped({ drainDelayMs: 0, drainTimeoutMs: 50, onDrain });
  expect(tookMs).toBeLessThanOrEqual(50 + lastMs);
  expect(lines).toEqual(["onDrain failed", "work was cut off"]);
});
