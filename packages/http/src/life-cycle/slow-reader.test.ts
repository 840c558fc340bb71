import { once } from "node:events";
import { connect } from "node:net";
import { anything } from "@atomic-agents/contracts";
import { createLog, defineAgent } from "@atomic-agents/core";
import { expect, it, onTestFinished } from "vitest";
import { serve } from "../server/serve.ts";

const silent = {
  port: 0,
  handleSignals: false,
  drainDelayMs: 0,
  log: createLog({ level: "silent" }),
} as const;

async function connected(port: number) {
  const socket = connect(port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  socket.on("error", () => {});
  await once(socket, "connect");
  return socket;
}

it("who reads an answer slowly gets all of it from a service that stops meanwhile", async () => {
  const length = 32_000_000;
  const large = defineAgent({
    name: "large",
    description: "Says a lot.",
    input: anything(),
    output: anything(),
    execute: () => "x".repeat(length),
  });
  const service = await serve(large, silent);
  onTestFinished(service.close);
  const socket = await connected(service.port);
  const head = "POST /execute HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
  socket.write(`${head}Content-Length: 11\r\n\r\n{"input":1}`);
  // The first bytes say that the answer was made; most of it waits in the service then.
  await once(socket, "readable");
  const closed = service.close();
  await new Promise((resolve) => setTimeout(resolve, 200));
  let bytes = 0;
  socket.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
  });
  await once(socket, "close");
  await closed;
  expect(bytes).toBeGreaterThan(length);
});

it("a connection over which nothing was ever asked does not keep a service from stopping", async () => {
  const plain = defineAgent({
    name: "plain",
    description: "Gives back what it is given.",
    input: anything(),
    output: anything(),
    execute: (input) => input,
  });
  const service = await serve(plain, silent);
  const socket = await connected(service.port);
  socket.resume();
  // Taken from the system, not only connected.
  await fetch(`${service.url}/health`, { headers: { connection: "close" } });
  const end = once(socket, "close");
  await service.close();
  await end;
  expect(socket.destroyed).toBe(true);
}, 10_000);
