/** Tokens that change while a service runs, and those that are wrong, over real sockets. */
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLog, defineAgent } from "@atomic-agents/core";
import { createVirtualClock } from "@atomic-agents/testing";
import { afterAll, expect, onTestFinished, test } from "vitest";
import * as z from "zod";
import { serve } from "../server/serve.ts";
import type { ServiceToken } from "./service-token.ts";
import { tokensFromFile } from "./tokens-from.ts";

const folder = mkdtempSync(join(tmpdir(), "tokens-"));
afterAll(() => rmSync(folder, { recursive: true }));

const echo = defineAgent({
  name: "echo",
  description: "Gives back what it is given.",
  input: z.unknown(),
  output: z.unknown(),
  execute: (given) => given,
});

const one = "1f".repeat(20);
const other = "2e".repeat(20);

async function serving(tokens: readonly ServiceToken[]) {
  const clock = createVirtualClock();
  const lines: string[] = [];
  const log = createLog({ level: "info", write: (line) => void lines.push(line) });
  const service = await serve(echo, {
    port: 0,
    handleSignals: false,
    drainDelayMs: 0,
    accessLog: false,
    clock,
    log,
    tokens,
  });
  onTestFinished(() => service.close());
  const ask = async (token: string, path = "/interface"): Promise<number> => {
    const authorization = token === "" ? "" : `Bearer ${token}`;
    const answer = await fetch(service.url + path, { headers: { authorization, connection: "close" } });
    await answer.arrayBuffer();
    return answer.status;
  };
  const metrics = async (token: string): Promise<string> => {
    const headers = { authorization: `Bearer ${token}`, connection: "close" };
    return (await fetch(`${service.url}/metrics`, { headers })).text();
  };
  return { service, clock, lines, ask, metrics };
}

test("tokens are taken that are written to the file later, and others are no longer", async () => {
  const path = join(folder, "later");
  writeFileSync(path, one);
  const { clock, lines, ask, service } = await serving(tokensFromFile(path));
  expect([await ask(one), await ask(other)]).toEqual([200, 401]);
  writeFileSync(path, `${one} ${other}`);
  await clock.advance(2_000);
  // It might be written just now.
  expect(await ask(other)).toBe(401);
  await clock.advance(2_000);
  expect([await ask(one), await ask(other)]).toEqual([200, 200]);
  // As whoever mounts secrets does it.
  writeFileSync(`${path}.new`, other);
  renameSync(`${path}.new`, path);
  await clock.advance(4_000);
  expect([await ask(one), await ask(other)]).toEqual([401, 200]);
  expect(lines.filter((line) => line.includes("tokens were read anew"))).toHaveLength(2);
  expect(lines.join("")).not.toContain(other);
  await service.close();
  expect(clock.pendingTimers).toBe(0);
});

test.each([
  ["is gone", (path: string) => rmSync(path)],
  ["is empty", (path: string) => writeFileSync(path, "")],
  ["holds no tokens", (path: string) => writeFileSync(path, `[{"name":"ada","value":"very short"}]`)],
  ["holds half of them", (path: string) => writeFileSync(path, `[{"name":"ada","value":"${other}`)],
])("a file that %s is an error in the log, once, and its tokens from before stay good", async (_, change) => {
  const path = join(folder, "broken");
  writeFileSync(path, one);
  const { clock, lines, ask } = await serving(tokensFromFile(path));
  change(path);
  await clock.advance(20_000);
  expect([await ask(one), await ask(other)]).toEqual([200, 401]);
  const errors = lines.filter((line) => line.includes('"error"'));
  expect(errors).toHaveLength(1);
  expect(errors[0]).toContain("those from before stay good");
  expect(errors[0]).not.toContain("very short");
  expect(errors[0]).not.toContain(other);
  writeFileSync(path, `${other}\n`);
  await clock.advance(4_000);
  expect([await ask(one), await ask(other)]).toEqual([401, 200]);
});

test("what was written between the reading and the start is taken, too", async () => {
  const path = join(folder, "between");
  writeFileSync(path, one);
  const tokens = tokensFromFile(path);
  writeFileSync(path, `${other}\n`);
  const { clock, ask } = await serving(tokens);
  await clock.advance(4_000);
  expect([await ask(one), await ask(other)]).toEqual([401, 200]);
});

test("wrong tokens are counted, and the log tells of them now and then", async () => {
  const { clock, lines, ask, metrics } = await serving([{ name: "ada", value: one }]);
  for (let count = 0; count < 50; count++) expect(await ask(`${other}${count}`, "/execute")).toBe(401);
  expect(await ask("")).toBe(401);
  const warnings = (): unknown[] =>
    lines
      .map((line) => JSON.parse(line) as { readonly level: string; readonly requests?: number })
      .filter(({ level, requests }) => level === "warn" && requests !== undefined)
      .map(({ requests }) => requests);
  expect(warnings()).toEqual([1]);
  await clock.advance(10_000);
  for (let count = 0; count < 50; count++) await ask(`${other}${count}`);
  expect(warnings()).toEqual([1, 50]);
  const text = await metrics(one);
  expect(text).toMatch(/^atomic_refused_tokens_total\{problem="invalid"\} 100$/m);
  expect(text).toMatch(/^atomic_refused_tokens_total\{problem="missing"\} 1$/m);
  expect(lines.join("")).not.toContain(other);
});
