/** What comes over a connection after a request: it may be another one, or the body of the first by another reading. */
import { once } from "node:events";
import { connect } from "node:net";
import { anything } from "@atomic-agents/contracts";
import { createLog, defineAgent } from "@atomic-agents/core";
import { expect, it, onTestFinished } from "vitest";
import { serve } from "./serve.ts";

async function started() {
  const reached: unknown[] = [];
  const held = Promise.withResolvers<void>();
  const agent = defineAgent({
    name: "agent",
    description: "Notes what reaches it.",
    input: anything(),
    output: anything(),
    execute: async (input) => {
      reached.push(input);
      if (input === "held") await held.promise;
      return input;
    },
  });
  const service = await serve(agent, {
    port: 0,
    handleSignals: false,
    drainDelayMs: 0,
    log: createLog({ level: "silent" }),
  });
  onTestFinished(service.close);
  const open = async () => {
    const socket = connect(service.port, "127.0.0.1");
    onTestFinished(() => void socket.destroy());
    socket.on("error", () => {});
    await once(socket, "connect");
    let text = "";
    socket.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
    const rest = once(socket, "close").then(() => text);
    return { socket, rest };
  };
  return { service, reached, release: () => held.resolve(), open };
}

const line = "POST /execute HTTP/1.1\r\n";
const usual = "Host: localhost\r\nContent-Type: application/json\r\n";

function requestOf(input: string, more = ""): string {
  const body = JSON.stringify({ input });
  return `${line}${usual}${more}Content-Length: ${body.length}\r\n\r\n${body}`;
}

const heads: Readonly<Record<string, string>> = {
  "a coding before chunked": `${line}${usual}Transfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n`,
  "two hosts": requestOf("first", "Host: elsewhere\r\n"),
  "a whole URL": requestOf("first").replace("/execute", "http://localhost/execute"),
  "another version": requestOf("first").replace("HTTP/1.1", "HTTP/2.0"),
  "a star": `OPTIONS * HTTP/1.1\r\n${usual}\r\n`,
};

it.each(Object.entries(heads))("nothing is executed that comes after a refused head: %s", async (_, head) => {
  const { reached, open } = await started();
  const { socket, rest } = await open();
  socket.write(head + requestOf("hidden"));
  const answer = await rest;
  expect(answer.match(/^HTTP\/1\.1 \d{3}/gm)).toEqual(["HTTP/1.1 400"]);
  expect(answer.toLowerCase()).toContain("connection: close");
  expect(reached).toEqual([]);
});

it.each([
  ["no HTTP", "\u0000\u0001\r\n\r\n"],
  ["a request after one that was the last", requestOf("hidden")],
])("a request gets its own answer when %s comes after it", async (_, after) => {
  const { reached, open, release } = await started();
  const { socket, rest } = await open();
  socket.write(requestOf("held", "Connection: close\r\n") + after);
  await expect.poll(() => reached.length).toBe(1);
  release();
  const answer = await rest;
  expect(answer.match(/^HTTP\/1\.1 \d{3}/gm)).toEqual(["HTTP/1.1 200"]);
  expect(answer).toContain('"output":"held"');
  expect(reached).toEqual(["held"]);
});

it.each([
  [
    ["held", "second", "third"],
    [false, false, false],
  ],
  [
    ["held", "second", "held"],
    [false, false, true],
  ],
])("what a stopping service has accepted on one connection is all answered: %s", async (inputs, closes) => {
  const { service, reached, open, release } = await started();
  const { socket, rest } = await open();
  socket.write(inputs.map((input) => requestOf(input)).join(""));
  await expect.poll(() => reached.length).toBe(3);
  const closed = service.close();
  release();
  const answers = (await rest).split(/(?=HTTP\/1\.1 \d)/);
  await closed;
  expect(answers.map((answer) => /"output":"(\w+)"/.exec(answer)?.[1])).toEqual(inputs);
  // Those that were made before it stopped could not say so.
  expect(answers.map((answer) => /^connection: close/im.test(answer))).toEqual(closes);
});
