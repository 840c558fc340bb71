import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AtomicError } from "@atomic-agents/core";
import { tokensFromEnvironment, tokensFromFile } from "@atomic-agents/http";
import { afterAll, expect, test } from "vitest";
import { errorText } from "../terminal/error-text.ts";
import { UsageError } from "../usage-error.ts";
import { tokenFailure } from "./token-failure.ts";

const directory = mkdtempSync(join(tmpdir(), "token-failure-"));
afterAll(() => rmSync(directory, { recursive: true }));
const path = join(directory, "token");
const good = "0123456789".repeat(4);

function failureOf(work: () => unknown, file?: string): UsageError {
  let failure: unknown;
  try {
    work();
  } catch (error) {
    failure = tokenFailure(error, file);
  }
  if (!(failure instanceof UsageError)) throw new Error("It did not fail, or otherwise", { cause: failure });
  return failure;
}

function ofFile(text: string): UsageError {
  writeFileSync(path, text);
  return failureOf(() => tokensFromFile(path), path);
}

test("a file that is not there is said to be missing, with how to make one", () => {
  const failure = failureOf(() => tokensFromFile("none"), "none");
  expect(errorText(failure, false)).toBe(`error: The tokens in none cannot be read: there is no such file
  where:    --token-file
  expected: a text file of tokens, or of a JSON list of them
  try:      Make one: (umask 077; openssl rand -hex 32 > token)`);
});

test("a file that may not be read is said to be there", () => {
  const error = new AtomicError("CONFIG", "tokensFromFile: …", {
    details: { path: "token", expected: "a readable file", got: "it cannot be opened" },
    cause: Object.assign(new Error("denied"), { code: "EACCES" }),
  });
  expect(tokenFailure(error, undefined)).toMatchObject({
    message: "The tokens in token cannot be read: the user that runs the service may not read it",
    where: "settings.serve.tokens",
  });
  expect(failureOf(() => tokensFromFile(directory), directory).message).toMatch(/: it is no ordinary file$/);
});

test("of several tokens the wrong one is named, and nothing says what it is", () => {
  expect(ofFile(`${good} canary-1`)).toMatchObject({
    message: `Token 2 in the file "${path}" must be a text of 32 to 512 characters`,
    got: "a text of 8 characters",
    hint: "Make one: openssl rand -hex 32",
  });
  expect(ofFile(JSON.stringify([{ name: "a", value: good, scopes: ["exec"] }]))).toMatchObject({
    message: `Token 1 in the file "${path}": scopes must be one of execute, read, admin`,
    got: "exec",
  });
  expect(ofFile(JSON.stringify([{ name: "a", value: good, scope: ["execute"] }])).message).toMatch(
    /^the file .*\[0\].*scope/,
  );
  expect(ofFile(`${good} ${good}`)).toMatchObject({ got: 'the same as that of "default"' });
  expect(ofFile(" ")).toMatchObject({ message: `The file "${path}" must be one token or more`, got: "none" });
});

test("a variable is named where it stands", () => {
  const environment = { ATOMIC_TOKEN: "canary-1" };
  expect(failureOf(() => tokensFromEnvironment("ATOMIC_TOKEN", { environment }))).toMatchObject({
    message: "Token 1 in the environment variable ATOMIC_TOKEN must be a text of 32 to 512 characters",
    where: "ATOMIC_TOKEN",
  });
  expect(failureOf(() => tokensFromEnvironment("MINE", { environment: {} }))).toMatchObject({
    message: "The environment variable MINE must be set",
    where: "settings.serve.tokens",
    hint: expect.stringContaining("MINE=$(openssl"),
  });
});

test("what is another failure stays what it is", () => {
  const other = new Error("other");
  expect(tokenFailure(other, undefined)).toBe(other);
});
