import { anything } from "@atomic-agents/contracts";
import { createLog, defineAgent } from "@atomic-agents/core";
import { serve, type ServeOptions } from "@atomic-agents/http";
import { expect, test } from "vitest";
import { UsageError } from "../usage-error.ts";
import { listenFailure, type SaidWhere } from "./listen-failure.ts";

const agent = defineAgent({
  name: "same",
  description: "Gives what it takes.",
  input: anything(),
  output: anything(),
  execute: (input) => input,
});
const settings: ServeOptions = {
  port: 0,
  handleSignals: false,
  drainDelayMs: 0,
  log: createLog({ level: "silent" }),
};

const onCommandLine: SaidWhere = { host: "--host", port: "--port" };
const inSettings: SaidWhere = { host: "settings.serve.host", port: "settings.serve.port" };

async function failureOf(options: ServeOptions, where = onCommandLine): Promise<unknown> {
  const given = { ...settings, ...options };
  try {
    await (await serve(agent, given)).close();
    return undefined;
  } catch (error) {
    return listenFailure(error, given, where);
  }
}

test("a port that is taken", async () => {
  const service = await serve(agent, settings);
  const failure = await failureOf({ port: service.port });
  await service.close();
  expect(failure).toBeInstanceOf(UsageError);
  expect(failure).toMatchObject({ message: `Port ${service.port} of 127.0.0.1 is taken`, where: "--port" });
});

test("an address that is another computer's, or none's", async () => {
  const tokens = [{ name: "mine", value: "0123456789".repeat(4) }];
  const expected = expect.objectContaining({ where: "--host", got: "192.0.2.1" });
  expect(await failureOf({ host: "192.0.2.1", tokens })).toEqual(expected);
  expect(await failureOf({ host: "192.0.2.1" })).toMatchObject({
    where: "--host",
    hint: expect.stringContaining("ATOMIC_TOKEN"),
  });
});

test.each(["", "http://localhost", "localhost:3000", "[::1]", "10.0.0.1/8"])(
  "what is no host, as %o, is said to be none, with and without tokens",
  async (host) => {
    const tokens = [{ name: "mine", value: "0123456789".repeat(4) }];
    for (const options of [{ host }, { host, tokens }]) {
      expect(await failureOf(options)).toMatchObject({
        message: `${JSON.stringify(host)} is no host`,
        where: "--host",
      });
    }
  },
);

test("what stands in the settings is said to stand there", async () => {
  expect(await failureOf({ host: "0.0.0.0" }, inSettings)).toMatchObject({ where: "settings.serve.host" });
  const service = await serve(agent, settings);
  const failure = await failureOf({ port: service.port }, inSettings);
  await service.close();
  expect(failure).toMatchObject({ where: "settings.serve.port" });
});

test("what is no fault of the address stays what it is", async () => {
  expect(await failureOf({ allowedOrigins: ["example.com"] })).toMatchObject({ code: "CONFIG" });
  const other = new Error("other");
  expect(listenFailure(other, {}, onCommandLine)).toBe(other);
});
