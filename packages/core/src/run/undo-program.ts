import { anything } from "@atomic-agents/contracts";
import type { UndoEntry } from "./frame-parts.ts";
import type { Program } from "./program.ts";

/** The most that undoing one thing may take. */
const undoTimeoutMs = 30_000;

const unchecked = /* @__PURE__ */ anything();

/** The program that undoes one thing: in a context of its own, which outlives that of the run that stopped. */
export function undoProgram({ undo, output, input, agent }: UndoEntry): Program {
  return {
    agent,
    staged: false,
    isComposite: false,
    isPlain: false,
    steps: [
      {
        id: agent,
        agent,
        inputSchema: unchecked,
        outputSchema: unchecked,
        input: undefined,
        output: undefined,
        execute: (_nothing, ctx) => undo(output, input, ctx),
        guarded: undefined,
        timeoutMs: undoTimeoutMs,
        hasOwnTimeout: true,
        retry: undefined,
        onError: undefined,
      },
    ],
  };
}
