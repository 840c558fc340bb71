import { defineAgent } from "@atomic-agents/core";
import { expect, it } from "vitest";
import { z } from "zod";
import { serve } from "./serve.ts";

const shout = defineAgent({
  name: "shout",
  description: "Turns text into capitals.",
  input: z.object({ text: z.string() }),
  output: z.object({ text: z.string() }),
  execute: ({ text }) => ({ text: text.toUpperCase() }),
});

it("executes an agent", async () => {
  await using service = await serve(shout, { port: 0, handleSignals: false });
  for (const path of ["/execute", "/agents/shout/execute"]) {
    const answer = await fetch(service.url + path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ input: { text: "hello" } }),
    });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ output: { text: "HELLO" } });
  }
});

it("answers with a problem where nothing is", async () => {
  await using service = await serve(shout, { port: 0, handleSignals: false });
  const answer = await fetch(`${service.url}/nowhere`);
  expect(answer.status).toBe(404);
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  expect(await answer.json()).toMatchObject({ code: "NOT_FOUND" });
});
