import { anything } from "@atomic-agents/contracts";
import { defineAgent } from "@atomic-agents/core";
import { expect, test } from "vitest";
import { serviceText } from "./service-text.ts";

const agent = defineAgent({
  name: "same",
  description: "Gives what it takes.",
  input: anything(),
  output: anything(),
  execute: (input) => input,
});
const facts = { url: "http://127.0.0.1:3000", agents: [agent], hasTokens: false, example: 1, json: false };

test("what is told to try works where the service listens for all", () => {
  const text = serviceText({ ...facts, url: "http://0.0.0.0:3000", hasTokens: true });
  expect(text).toBe(`Serving at http://0.0.0.0:3000, which is every address of this computer
  same  http://127.0.0.1:3000

Documentation, to be tried in a browser
  http://127.0.0.1:3000/docs

Try, with a token in ATOMIC_TOKEN
  curl http://127.0.0.1:3000/execute -H 'content-type: application/json' -H "authorization: Bearer $ATOMIC_TOKEN" -d '{"input":1}'
`);
  expect(serviceText({ ...facts, url: "http://[::]:3000" })).toContain("curl 'http://[::1]:3000/execute'");
});

test("programs are told where it listens", () => {
  const text = serviceText({ ...facts, url: "http://0.0.0.0:3000", json: true });
  expect(JSON.parse(text)).toEqual({
    url: "http://0.0.0.0:3000",
    pid: process.pid,
    agents: [{ name: "same", url: "http://0.0.0.0:3000" }],
    docs: "http://0.0.0.0:3000/docs",
    openapi: "http://0.0.0.0:3000/openapi.json",
  });
});
