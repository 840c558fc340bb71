import { AtomicError, createLog, defineAgent } from "@atomic-agents/core";
import { expect, test } from "vitest";
import * as z from "zod";
import { serve } from "../server/serve.ts";
import { remoteAgent } from "./remote-agent.ts";

const seen = defineAgent({
  name: "seen",
  description: "Says the id of the request, or fails.",
  input: z.object({ fails: z.boolean() }),
  output: z.string(),
  execute: ({ fails }, ctx) => {
    if (fails) throw new Error("no");
    return ctx.requestId;
  },
});

test.each([false, true])("a run with any request id can call a service: streamed %s", async (stream) => {
  const log = createLog({ level: "silent" });
  await using service = await serve(seen, { port: 0, log, handleSignals: false, drainDelayMs: 0 });
  await using remote = await remoteAgent(service.url, { stream });
  expect(await remote.run({ fails: false }, { requestId: "order-17" })).toBe("order-17");
  for (const requestId of ["order 17", "Bestellung ü", "", "x".repeat(200), "a\r\nb: c", "<a>"]) {
    // The service makes one that can go into headers and logs.
    expect(await remote.run({ fails: false }, { requestId })).toMatch(/^[\w-]+$/);
    const result = await remote.tryRun({ fails: true }, { requestId });
    const error = result.ok ? undefined : result.error;
    expect(error).toMatchObject({ code: "EXECUTION", requestId });
    // Its own id over there, by which its log is searched.
    const there: unknown = error?.cause;
    expect(AtomicError.isInstance(there) && there.requestId).toMatch(/^[\w-]+$/);
  }
});
