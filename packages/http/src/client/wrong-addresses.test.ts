/** What a client says of an address that is not that of a service. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { AtomicError } from "@atomic-agents/core";
import { expect, onTestFinished, test } from "vitest";
import { connectionError } from "./connection-error.ts";
import { remoteAgent } from "./index.ts";

async function failureOf(url: string): Promise<AtomicError> {
  const error = await remoteAgent(url, { agent: "any" }).catch((thrown: unknown) => thrown);
  if (!AtomicError.isInstance(error)) throw new Error("no failure of ours", { cause: error });
  return error;
}

test("TLS to a port that speaks none is said in one line, with the address to try", async () => {
  const server = createServer((_, outgoing) => outgoing.end("hello"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  // It listens on a port.
  const { port } = server.address() as AddressInfo;
  const error = await failureOf(`https://127.0.0.1:${port}`);
  expect(error).toMatchObject({ code: "CONNECTION", details: { executed: "no" } });
  expect(error.message).toMatch(/did not answer: TLS was expected, got what is none$/);
  expect(error.hint).toContain(`try http://127.0.0.1:${port};`);
});

test.each(["DEPTH_ZERO_SELF_SIGNED_CERT", "UNABLE_TO_GET_ISSUER_CERT_LOCALLY"])(
  "a certificate that is not trusted is said to be, with what trusts it: %s",
  (code) => {
    const cause = Object.assign(new Error("TLS"), { code });
    const progress = { isUnsent: true, isStale: false, head: undefined };
    const { hint } = connectionError("https://a.example", cause, progress);
    expect(hint).toMatch(/^Nothing was done\..*NODE_EXTRA_CA_CERTS/);
  },
);

test.each([
  ["127.0.0.1:3000", 'got "127.0.0.1:3000"', "Try http://127.0.0.1:3000"],
  ["localhost:3000/api", 'got "localhost:3000"', "Try http://localhost:3000"],
  ["agents.example.com", 'got "agents.example.com"', "https://agents.example.com"],
  ["[::1]:3000", 'got "[::1]:3000"', "Try http://[::1]:3000"],
  ["ftp://host/x", 'got "ftp://"', "Give http:// or https://"],
  ["http://", 'got "what is no address"', "the host, and the port"],
  ["", 'got ""', "the host, and the port"],
])("%j is said to be none, with what to try", async (url, got, hint) => {
  const error = await failureOf(url);
  expect(error).toMatchObject({ code: "CONFIG", message: expect.stringContaining(got) });
  expect(error.hint).toContain(hint);
});

test.each([
  "user:hushhushhush@host",
  "http://user:hushhushhush@",
  "x hushhushhush",
  "mailto:hushhushhush@host",
])("what may be a secret in %j is not repeated", async (url) => {
  const { message, hint, details } = await failureOf(url);
  expect(JSON.stringify([message, hint, details])).not.toContain("hushhush");
});
