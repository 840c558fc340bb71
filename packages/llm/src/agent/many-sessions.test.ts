import type { LanguageModelV4CallOptions } from "@ai-sdk/provider";
import { sleep } from "@atomic-agents/core";
import { createVirtualClock } from "@atomic-agents/testing";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { memorySessions } from "../sessions/memory-sessions.ts";
import { defineLlmAgent } from "./define-llm-agent.ts";
import { scriptedModel } from "./scripted-model-child.ts";

/** What users have said in a prompt. */
function saidBy({ prompt }: LanguageModelV4CallOptions): readonly string[] {
  return prompt.flatMap(({ role, content }) =>
    role === "user" && typeof content !== "string"
      ? content.flatMap((part) => (part.type === "text" ? [part.text] : []))
      : [],
  );
}

describe("one agent, 500 users at once", () => {
  it("never mixes what they said, nor loses any of it", async () => {
    const users = 500;
    const turns = 4;
    const clock = createVirtualClock();
    // Answers with all that it has been told, and takes its time, so that runs overlap in every order.
    const model = scriptedModel([
      async (request) => {
        const said = saidBy(request);
        const last = said.at(-1) ?? "";
        await sleep((last.length * 7_919 + last.charCodeAt(last.length - 3) * 31) % 97, {
          clock,
          signal: new AbortController().signal,
        });
        return JSON.stringify({ said });
      },
    ]);
    const agent = defineLlmAgent({
      name: "echo",
      description: "Says what it has heard.",
      model,
      input: z.string(),
      output: z.object({ said: z.array(z.string()) }),
      sessions: memorySessions(),
    });
    const runs: Promise<unknown>[] = [];
    const heard = new Map<string, (readonly string[])[]>();
    for (let turn = 0; turn < turns; turn++) {
      for (let user = 0; user < users; user++) {
        // Two users share each session id, which must not be enough to share a conversation.
        const options = { userId: `user-${user}`, sessionId: `session-${Math.floor(user / 2)}`, clock };
        const run = agent.run(`user ${user} says ${turn}`, options).then(({ said }) => {
          heard.set(`${user}`, [...(heard.get(`${user}`) ?? []), said]);
        });
        runs.push(run);
      }
    }
    await clock.until(Promise.all(runs));
    for (let user = 0; user < users; user++) {
      const expected = Array.from({ length: turns }, (_, turn) =>
        Array.from({ length: turn + 1 }, (__, earlier) => `user ${user} says ${earlier}`),
      );
      expect(heard.get(`${user}`)).toEqual(expected);
    }
  });
});
