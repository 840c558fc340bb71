import { AtomicError } from "@atomic-agents/core";
import type { DeadLetter } from "@atomic-agents/flow";
import { expect, it } from "vitest";
import { inputExcerpt, letterText } from "./letter-text.ts";

const letter: DeadLetter = {
  record: 13,
  source: "tickets.jsonl",
  file: "tickets.jsonl",
  line: 14,
  stage: "ask",
  agent: "classify",
  entry: { kind: "stage", id: "ask" },
  input: { text: "poison\u001b[31m", password: "swordfish" },
  error: new AtomicError("EXECUTION", "no luck\nat all", {
    details: { thrown: "Error" },
    hint: "Try another.",
  }),
  attempts: 3,
  timestamp: new Date(2026, 10, 21, 15, 4, 5).getTime(),
  flow: "tickets",
  flowHash: "h",
  runId: "r",
};

it("tells all that is known of a letter, but for what must not be seen", () => {
  expect(letterText(letter)).toBe(`record      13 of tickets.jsonl
place       tickets.jsonl:14
stage       ask (agent classify)
error       EXECUTION no luck at all
attempts    3
when        2026-11-21 15:04:05
input       {
              "text": "poison\\u001b[31m",
              "password": "[redacted]"
            }`);
  const refused = letterText({
    ...letter,
    stage: "tickets.jsonl",
    agent: undefined,
    records: [
      [1, 2],
      [7, 7],
    ],
    input: '{"text":',
    inputProblem: "the beginning of a line that cannot be read",
  });
  const late = new AtomicError("TIMEOUT", "late", {
    details: { scope: "attempt", timeoutMs: 5 },
    hint: "Give it more.",
  });
  expect(letterText({ ...letter, error: late })).toContain("try         Give it more.\n");
  expect(refused).toContain("stands for  1–2, 7\n");
  expect(refused).toContain("stage       tickets.jsonl\n");
  expect(refused).toContain("input is    the beginning of a line that cannot be read\n");
  expect(refused).toMatch(/input {7}"\{\\"text\\":"$/);
});

it("has the beginning of an input on one line", () => {
  expect(inputExcerpt(letter, 60)).toBe('{"text":"poison\\u001b[31m","password":"[redacted]"}');
  expect(inputExcerpt({ ...letter, input: "two\nlines" }, 60)).toBe("two lines");
  expect(inputExcerpt({ ...letter, input: "long ".repeat(100) }, 20)).toBe("long long long long…");
  expect(inputExcerpt({ ...letter, input: undefined }, 20)).toBe("");
});
