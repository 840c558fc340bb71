import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";
import type { TestRequest } from "./messages.ts";
import { repeatCommand } from "./repeat-command.ts";

const request: TestRequest = {
  reference: "./my agents.ts#it's",
  config: undefined,
  profile: undefined,
  model: undefined,
  inputs: ['{"text": "a $HOME `b` \\"c\\""}', "-", ""],
  standardInput: undefined,
  runs: 0,
  seed: 42,
  behaviours: undefined,
  timeoutMs: 5_000,
  limitMs: 30_000,
  loadTimeoutMs: undefined,
  logLevel: "silent",
};

it("is taken apart by a shell into the words that it was made of", () => {
  const command = repeatCommand(request, "well-named", 100);
  const script = `atomic() { printf '%s\\0' "$@"; }; ${command}`;
  const words = execFileSync("sh", ["-c", script], { encoding: "utf8" }).split("\0").slice(0, -1);
  const inputs = request.inputs.flatMap((input) => ["--input", input]);
  expect(words).toEqual([
    "test",
    request.reference,
    ...inputs,
    ...["--behaviour", "well-named", "--seed", "42", "--runs", "0", "--timeout", "100"],
  ]);
});

it("quotes nothing that needs no quotes, and repeats no default", () => {
  const plain = { ...request, reference: "./agents.ts#clean", inputs: ["a.json"], runs: undefined };
  expect(repeatCommand(plain, "ways-agree", undefined)).toBe(
    "atomic test ./agents.ts#clean --input a.json --behaviour ways-agree --seed 42",
  );
  expect(repeatCommand({ ...plain, config: "p.yaml", profile: "test" }, "ways-agree", undefined)).toBe(
    "atomic test ./agents.ts#clean --config p.yaml --profile test --input a.json --behaviour ways-agree --seed 42",
  );
});
