import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { JsonSchema } from "@atomic-agents/contracts";
import { fromJsonSchema } from "@atomic-agents/contracts/json-schema";
import { expect, onTestFinished, test } from "vitest";
import * as z from "zod";
import { remoteAgent, type RemoteAgentOptions } from "./index.ts";

const slow = "^(a+)+$";
/** Some seconds for `RegExp`, which then refuses it. */
const long = `${"a".repeat(27)}!`;

/** A service that says of itself what it is told to, and answers each call with the same output. */
async function remoteOf(
  input: JsonSchema,
  output: JsonSchema,
  given: unknown,
  options: RemoteAgentOptions = {},
) {
  const server = createServer((request, response) => {
    const body = request.url?.endsWith("/interface")
      ? { name: "foreign", version: "1.0.0", description: "Says anything.", capabilities: [], input, output }
      : { output: given, runId: "run-1", durationMs: 1 };
    request.resume();
    response.setHeader("content-type", "application/json").end(JSON.stringify(body));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  // What listens on a port has such an address.
  const { port } = server.address() as AddressInfo;
  onTestFinished(() => void server.close());
  // The types that `expect` would bring are of no use here.
  const untyped = options as RemoteAgentOptions<undefined>;
  const remote = await remoteAgent(`http://127.0.0.1:${port}`, untyped);
  onTestFinished(remote.close);
  return remote;
}

const text = (more: JsonSchema): JsonSchema => ({ type: "string", ...more });

test("patterns of a service that could keep its callers busy are not tried", async () => {
  const either = await remoteOf(text({ pattern: slow }), text({ pattern: slow, minLength: 5 }), long);
  expect(await either.run(long)).toBe(long);
  expect(await either.tryRun(5)).toMatchObject({ error: { code: "VALIDATION_INPUT" } });
  const short = await remoteOf({}, text({ pattern: slow, minLength: 5 }), "aa");
  expect(await short.tryRun(1)).toMatchObject({ error: { code: "VALIDATION_OUTPUT" } });
  const named = await remoteOf({}, { patternProperties: { [slow]: { type: "string" } } }, { [long]: 1 });
  expect(await named.run(1)).toEqual({ [long]: 1 });
});

test("nothing is refused because of what is not tried", async () => {
  const remote = await remoteOf(
    text({ not: { pattern: slow } }),
    { oneOf: [{ pattern: slow }, { minLength: 3 }] },
    long,
  );
  expect(await remote.run(long)).toBe(long);
});

test("patterns that are quick are tried", async () => {
  const remote = await remoteOf(text({ pattern: "^[a-z]+$" }), text({ pattern: "^\\d{4}$" }), "24");
  expect(await remote.tryRun("A")).toMatchObject({ error: { code: "VALIDATION_INPUT" } });
  expect(await remote.tryRun("a")).toMatchObject({ error: { code: "VALIDATION_OUTPUT" } });
});

test("those of a service that is trusted can be tried all the same", async () => {
  const regExp = (pattern: string) => new RegExp(pattern, "u");
  const remote = await remoteOf(text({ pattern: slow }), {}, 1, { regExp });
  expect(await remote.tryRun("ab")).toMatchObject({ error: { code: "VALIDATION_INPUT" } });
});

test("with `strict`, nothing is proved by a part of what a service says", async () => {
  const input = text({ not: { pattern: slow } });
  const expected = { input: z.string(), output: z.string() };
  await expect(remoteOf(input, text({}), "", { strict: true, expect: expected })).rejects.toMatchObject({
    code: "INCOMPATIBLE",
    message: expect.stringContaining("patterns that could take long") as string,
  });
  expect(await (await remoteOf(input, text({}), "a", { expect: expected })).run("a")).toBe("a");
  const same = { input: fromJsonSchema(text({ pattern: slow })), output: z.string() };
  const remote = await remoteOf(text({ pattern: slow }), text({}), "a", { strict: true, expect: same });
  expect(remote.name).toBe("foreign");
});
