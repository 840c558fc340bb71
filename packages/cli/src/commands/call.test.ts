import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { errorCatalog } from "@atomic-agents/core";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

vi.setConfig({ testTimeout: 60_000 });

const program = join(import.meta.dirname, "../bin.ts");
const token = "canary-0123456789-0123456789-0123456789";
const text = { type: "string" };
const textObject = { type: "object", properties: { text }, required: ["text"] };
const describeAs = (name: string, input: object) => ({
  name,
  version: "1.0.0",
  kind: "agent",
  description: "For tests.",
  capabilities: [],
  input,
  output: {},
  notJson: [],
  parts: [],
});
const agents = [
  describeAs("shout", textObject),
  describeAs("hang", textObject),
  describeAs("fails", textObject),
  describeAs("throws", textObject),
];

let url = "";
let cwd = "";
let gone = 0;
const requests: IncomingMessage["headers"][] = [];

async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  requests.push(incoming.headers);
  let body = "";
  for await (const chunk of incoming) body += String(chunk);
  const send = (status: number, value: unknown): void => {
    outgoing.writeHead(status, {
      "content-type": status < 400 ? "application/json" : "application/problem+json",
    });
    outgoing.end(JSON.stringify(value));
  };
  const problem = (status: number, code: string, more: object = {}): void =>
    send(status, { code, status, detail: `It is ${code}.`, retryable: false, ...more });
  const { authorization } = incoming.headers;
  if (authorization !== `Bearer ${token}`) {
    const details = { problem: authorization === undefined ? "missing" : "invalid" };
    problem(401, "UNAUTHENTICATED", { details });
    return;
  }
  const [, name, route] = /^(?:\/agents\/([^/]+))?\/(\w+)$/.exec(incoming.url ?? "") ?? [];
  const agent = agents.find((one) => one.name === name);
  if (route === "interface" && name === undefined) send(200, { agents });
  else if (agent === undefined) problem(404, "NOT_FOUND", { details: { what: "agent", name } });
  else if (route === "interface") send(200, agent);
  else if (name === "hang") {
    outgoing.on("close", () => {
      gone++;
    });
  } else if (name === "fails") {
    const details = { issues: [{ path: "text", message: "is rude", got: "string" }] };
    problem(422, "VALIDATION_INPUT", { agent: "fails", detail: "text: is rude", details });
  } else if (name === "throws") {
    problem(500, "EXECUTION", { agent: "throws", hint: errorCatalog.EXECUTION.fix });
  } else {
    // As the client has sent it.
    const { input } = JSON.parse(body) as { readonly input: { readonly text: string } };
    const output = { text: input.text.toUpperCase() };
    if (route === "execute") send(200, { output, runId: "r", durationMs: 1 });
    else {
      outgoing.writeHead(200, { "content-type": "text/event-stream" });
      outgoing.write(`event: partial\ndata: {"text":"H"}\n\n`);
      setTimeout(() => {
        outgoing.end(`event: output\ndata: ${JSON.stringify({ output, runId: "r", durationMs: 1 })}\n\n`);
      }, 50);
    }
  }
}

const server = createServer((incoming, outgoing) => void answer(incoming, outgoing));

beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), "atomic-call-"));
  writeFileSync(join(cwd, "token"), `${token}\n`);
  writeFileSync(join(cwd, "empty"), "\n");
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
});

afterAll(async () => {
  rmSync(cwd, { recursive: true, force: true });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Given {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** Called with the process when the service has been asked to do its work. */
  readonly interrupt?: boolean;
}

function atomic(args: readonly string[], given: Given = {}): Promise<Ended> {
  const { env = { ATOMIC_TOKEN: token }, stdin = "", interrupt = false } = given;
  const { ATOMIC_TOKEN: _, ...others } = process.env;
  const child = spawn(
    process.execPath,
    ["--no-warnings", "--conditions=@atomic-agents/source", program, ...args],
    { cwd, env: { ...others, NO_COLOR: "1", ...env } },
  );
  const said = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk) => (said.stdout += String(chunk)));
  child.stderr.on("data", (chunk) => (said.stderr += String(chunk)));
  child.stdin.end(stdin);
  if (interrupt) server.once("request", () => server.once("request", () => child.kill("SIGINT")));
  return new Promise((resolve) => child.on("close", (exitCode) => resolve({ exitCode, ...said })));
}

describe("atomic call", () => {
  test("gives a text to the agent that is named, and writes what it gives", async () => {
    expect(await atomic(["call", url, "shout", "hello"])).toEqual({
      exitCode: 0,
      stdout: '{"text":"HELLO"}\n',
      stderr: "",
    });
    expect(requests.at(-1)).toMatchObject({ authorization: `Bearer ${token}` });
  });

  test("takes the agent as a part of the address, the input as an option or from standard input", async () => {
    const [first, second] = await Promise.all([
      atomic(["call", `${url}/agents/shout`, "--input", '{"text": "a"}', "--set", "text=b"]),
      atomic(["call", url, "shout", "--input", "-", "--format", "json"], { stdin: "from a pipe" }),
    ]);
    expect(first).toMatchObject({ exitCode: 0, stdout: '{"text":"B"}\n' });
    expect(second).toMatchObject({ exitCode: 0, stdout: '{"text":"FROM A PIPE"}\n' });
  });

  test("takes the token from a file, which comes before the environment", async () => {
    const ended = await atomic(["call", url, "shout", "a", "--token-file", "token"], {
      env: { ATOMIC_TOKEN: "wrong" },
    });
    expect(ended).toMatchObject({ exitCode: 0 });
  });

  test("shows drafts for programs as lines of their own", async () => {
    const ended = await atomic(["call", url, "shout", "hello", "--stream", "--json"]);
    expect(ended).toEqual({ exitCode: 0, stdout: '{"text":"HELLO"}\n', stderr: '{"draft":{"text":"H"}}\n' });
  });

  test.each<[string, readonly string[], number, string]>([
    ["no token", ["shout", "a"], 1, "ATOMIC_TOKEN"],
    ["a file without a token", ["shout", "a", "--token-file", "empty"], 2, "holds no token"],
    ["a file that is not there", ["shout", "a", "--token-file", "none"], 2, "none"],
  ])("says of %s what to do", async (_, args, exitCode, said) => {
    const ended = await atomic(["call", url, ...args], { env: {} });
    expect(ended).toMatchObject({ exitCode, stdout: "" });
    expect(ended.stderr).toContain(said);
    expect(ended.stderr).not.toContain("canary");
  });

  test.each<[string, readonly string[], number, string]>([
    ["no agent where there are several", ["--input", "{}"], 2, "shout, hang, fails, throws"],
    ["an agent whose name is misspelt", ["shuot", "a"], 2, 'Did you mean "shout"?'],
    ["an input where the agent's name is to be", ["it crashes"], 2, "shout 'it crashes'"],
    ["no input", ["shout"], 2, "/agents/shout/interface shows what it takes"],
    ["an input that the interface refuses", ["shout", "--input", '{"text":5}'], 2, "text"],
    ["an input that the agent refuses", ["fails", "a"], 2, "is rude"],
    ["a call that takes too long", ["hang", "a", "--timeout", "100"], 1, "--timeout"],
  ])("ends for %s with the exit code that says so", async (_, args, exitCode, said) => {
    const ended = await atomic(["call", url, ...args]);
    expect(ended).toMatchObject({ exitCode, stdout: "" });
    expect(ended.stderr).toContain(said);
    expect(ended.stderr).not.toMatch(/\n +at /);
  });

  test("says of an address that names the agent how to give its input", async () => {
    const ended = await atomic(["call", `${url}/agents/shout`, "it crashes"]);
    expect(ended).toMatchObject({ exitCode: 2, stdout: "" });
    expect(ended.stderr).toContain(`atomic call ${url} shout 'it crashes'`);
  });

  test("says under which id the service has logged a failure that it does not tell", async () => {
    const ended = await atomic(["call", url, "throws", "a"]);
    expect(ended).toMatchObject({ exitCode: 1, stdout: "" });
    const asked = requests.findLast((headers) => headers["content-type"] === "application/json");
    expect(ended.stderr).toContain(`Look for ${String(asked?.["x-request-id"])} in the log of the service.`);
  });

  test("says that a token is wrong, and not that there is none", async () => {
    const ended = await atomic(["call", url, "shout", "a"], { env: { ATOMIC_TOKEN: "wrong" } });
    expect(ended.stderr).toContain("one of this service's?");
  });

  test("waits for a service that says nothing no longer than --timeout", async () => {
    const mute = createServer(() => {});
    await new Promise<void>((resolve) => mute.listen(0, "127.0.0.1", resolve));
    const address = mute.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const ended = await atomic(["call", `http://127.0.0.1:${port}`, "a", "b", "--timeout", "200"]);
    mute.closeAllConnections();
    mute.close();
    expect(ended).toMatchObject({ exitCode: 1, stdout: "" });
    expect(ended.stderr).toContain("did not answer within 200 ms");
  });

  test("says that there is no service, for people and for programs", async () => {
    const [people, programs] = await Promise.all([
      atomic(["call", "http://127.0.0.1:1", "--input", "{}"]),
      atomic(["call", "http://127.0.0.1:1", "--input", "{}", "--json"]),
    ]);
    expect(people).toMatchObject({ exitCode: 1, stdout: "" });
    expect(people.stderr).toContain("refused");
    expect(JSON.parse(programs.stderr)).toMatchObject({
      error: { code: "CONNECTION", details: { executed: "no" } },
      exitCode: 1,
    });
  });

  test("cancels the remote run on Ctrl-C", async () => {
    const before = gone;
    const ended = await atomic(["call", url, "hang", "a"], { interrupt: true });
    expect(ended).toMatchObject({ exitCode: 130, stdout: "" });
    await expect.poll(() => gone).toBe(before + 1);
  });
});
