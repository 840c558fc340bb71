import { Secret } from "@atomic-agents/core";
import { expect, it } from "vitest";
import { withoutKeys } from "./without-keys.ts";

it.each([
  "Incorrect API key provided: sk-proj-abcdefghijklmnop.",
  "Incorrect API key provided: 7f3a9b2c11de4455.",
  "Incorrect API key provided: sk-abc*************wxyz.",
  "invalid x-api-key: 7f3a9b2c11de4455",
  '{"api_key":"7f3a9b2c11de4455"}',
  "Authorization: Bearer 7f3a9b2c11de4455",
  "bearer 7f3a9b2c11de4455 has expired",
  "gsk_7f3a9b2c11de4455 is revoked",
  "key=AIzaSyA7f3a9b2c11de4455abcdefghijk",
  "https://a.example/?api_key=7f3a9b2c11de4455&x=1",
  "access token 7f3a9b2c11de4455",
  "token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI3ZjNhOWIyYzExZGU0NDU1In0.c2ln",
])("takes the key out of %j", (text) => {
  const shown = withoutKeys(text);
  expect(shown).toContain("[redacted]");
  expect(shown).not.toMatch(/7f3a9b2c|abcdefgh|wxyz|eyJ/);
});

it.each([
  "The task-processor asks for a key-value store and a keyboard.",
  "The API key is missing: authorization required",
  "sk is short, and so is key-1.",
  "Bearer authentication is needed",
])("leaves %j as it is", (text) => {
  expect(withoutKeys(text)).toBe(text);
});

it("takes out the secrets that are known, whatever they look like", () => {
  const secret = new Secret("opal heron at noon", "vault");
  expect(withoutKeys("You said opal heron at noon")).toBe("You said [secret vault]");
  expect(secret.label).toBe("vault");
});

it("cuts long texts, and shows no half of a key where it does", () => {
  const secret = new Secret("heron-at-the-lake", "vault");
  for (const key of [secret.reveal(), "sk-abcdefghijkl"]) {
    const shown = withoutKeys(`${" ".repeat(20_000 - 6)}${key} and more`);
    expect([shown.trim(), shown.length < 20_001]).toEqual(["…", true]);
  }
});

it("takes time in proportion to the text", () => {
  for (const part of ["sk-", "api_key ", "bearer  ", "a", "authorization: ", "-eyJ", "eyJ.", "eyJ "]) {
    expect(withoutKeys(part.repeat(200_000)).length).toBeGreaterThan(0);
  }
});
