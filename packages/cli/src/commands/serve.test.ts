import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, describe, expect, it, test, vi } from "vitest";

// Each test waits for processes, which share the computer with other tests.
vi.setConfig({ testTimeout: 120_000, maxConcurrency: 3 });

const program = join(import.meta.dirname, "../bin.ts");
/** Within the workspace, so that modules find the packages. */
const scratch = join(import.meta.dirname, "../../../../out");
mkdirSync(scratch, { recursive: true });
const cwd = mkdtempSync(join(scratch, "serve-"));
const children = new Set<ChildProcess>();
afterAll(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(cwd, { recursive: true, force: true });
});

const token = "canary-0123456789-0123456789-0123456789";
const files = {
  "agents.ts": `import { existsSync } from "node:fs";
import { defineAgent, resource } from "atomic-agents";
import { projectResource } from "@atomic-agents/project";
import * as z from "zod";
const Text = z.object({ text: z.string() });
const part = { description: "For tests.", input: Text, output: Text };
export const shout = defineAgent({
  ...part, name: "shout", execute: ({ text }) => ({ text: text.toUpperCase() }),
});
export const held = defineAgent({
  ...part, name: "held", execute: (_, ctx) => { console.error("begun"); return new Promise(() => {}); },
});
export const stray = defineAgent({
  ...part, name: "stray", execute: ({ text }) => {
    if (text === "bad") void Promise.reject(new Error("boom outside"));
    return new Promise((resolve) => setTimeout(() => resolve({ text }), 300));
  },
});
export const fails = defineAgent({
  ...part, name: "fails", execute: () => { throw new Error("boom at 10.1.2.3"); },
});
const stuck = resource("stuck", { create: () => "stuck", dispose: () => new Promise(() => {}) });
export const holds = defineAgent({
  ...part, name: "holds", execute: async (_, ctx) => ({ text: await ctx.use(stuck) }),
});
export const dated = defineAgent({
  ...part, name: "dated", output: z.object({ at: z.date() }), execute: () => ({ at: new Date(0) }),
});
export const stored = defineAgent({
  ...part, name: "stored", execute: async ({ text }, ctx) => {
    const db = await ctx.use(projectResource("notes"));
    return { text: String(db.prepare("select ? || '!' as text").get(text).text) };
  },
});
`,
  "atomic.yaml": `agents:
  shout: ./agents.ts#shout
  stored: ./agents.ts#stored
  gone: ./gone.ts#gone
  sort: { use: classifier, config: { model: openai/gpt-5-mini, labels: [bug, question] } }
pipelines:
  twice: { stages: [shout, { agent: shout, id: again }] }
resources:
  notes: { type: sqlite, file: ":memory:" }
settings:
  serve: { agents: [twice, stored], port: 0, drainDelayMs: 0, accessLog: false }
profiles:
  guarded:
    settings:
      serve: { agents: [shout], tokens: { secretFile: tokens }, accessLog: true }
`,
  "flows/tickets.flow.yaml": "source: in.jsonl\nstages: [{ agent: shout }]\nsink: out.jsonl\n",
  "wrong.yaml": "settings:\n  serve: { tokens: tokens }\n",
  tokens: `${token}\n`,
};
mkdirSync(join(cwd, "flows"));
for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text);

interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** What it has written so far. */
  readonly said: { stdout: string; stderr: string };
}

/** @param before what starts Node.js in the place of the system itself */
function start(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  before: readonly string[] = [],
): Started {
  const { ATOMIC_TOKEN: _token, ATOMIC_PROFILE: _profile, ...others } = process.env;
  const options = ["--no-warnings", "--conditions=@atomic-agents/source"];
  const [file = "", ...rest] = [...before, process.execPath, ...options, program, "serve", ...args];
  const child = spawn(file, rest, {
    cwd,
    env: { ...others, NO_COLOR: "1", NODE_COMPILE_CACHE: join(scratch, "compile-cache"), ...env },
  });
  children.add(child);
  const said = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk) => (said.stdout += String(chunk)));
  child.stderr.on("data", (chunk) => (said.stderr += String(chunk)));
  const ended = once(child, "close").then(([exitCode]) => ({ exitCode, ...said }));
  return { child, ended, said };
}

interface Announced {
  readonly url: string;
  readonly agents: readonly { readonly name: string; readonly url: string }[];
}

/** A service, once it has said where it is. */
async function serving(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  before: readonly string[] = [],
): Promise<Started & Announced> {
  const started = start(["--json", ...args], env, before);
  await vi.waitUntil(() => started.said.stdout.includes("\n") || started.child.exitCode !== null, {
    timeout: 60_000,
  });
  if (started.child.exitCode !== null) throw new Error(started.said.stderr);
  // As the help says.
  return { ...started, ...(JSON.parse(started.said.stdout) as Announced) };
}

async function execute(url: string, given: string | object, headers: Readonly<Record<string, string>> = {}) {
  const answer = await fetch(`${url}/execute`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ input: typeof given === "string" ? { text: given } : given }),
  });
  const body: unknown = await answer.json();
  return { status: answer.status, body };
}

const linesOf = (text: string): readonly Record<string, unknown>[] =>
  text
    .split("\n")
    .filter((line) => line.startsWith("{"))
    // As the log documents them.
    .map((line) => JSON.parse(line) as Record<string, unknown>);

/** What gives a process a world in which it is the first. */
const unshare = ["unshare", "--pid", "--fork", "--kill-child"];

function canUnshare(): boolean {
  return spawnSync("unshare", [...unshare.slice(1), "true"], { stdio: "ignore" }).status === 0;
}

describe("atomic serve", () => {
  test.concurrent("serves what the project's settings name, with the project's resources", async () => {
    const { url, agents, child, ended } = await serving([]);
    expect(agents).toEqual([
      { name: "twice", url: `${url}/agents/twice` },
      { name: "stored", url: `${url}/agents/stored` },
    ]);
    expect(await execute(`${url}/agents/twice`, "a")).toMatchObject({ body: { output: { text: "A" } } });
    expect(await execute(`${url}/agents/stored`, "a")).toMatchObject({ body: { output: { text: "a!" } } });
    child.kill("SIGTERM");
    const { exitCode, stdout, stderr } = await ended;
    expect({ exitCode, lines: stdout.split("\n").length }).toEqual({ exitCode: 0, lines: 2 });
    expect(linesOf(stderr).map(({ message }) => message)).toEqual([
      "service is ready",
      "service is stopping",
      "service has stopped",
    ]);
  });

  test.concurrent("serves agents by their names, modules and built-in ones; logs requests when told to", async () => {
    const { url, agents, child, ended } = await serving([
      "shout",
      "./agents.ts#fails",
      "sentiment",
      "--access-log",
    ]);
    expect(agents.map(({ name }) => name)).toEqual(["shout", "fails", "sentiment"]);
    const { status, body } = await execute(`${url}/agents/fails`, "a");
    expect(status).toBe(500);
    expect(JSON.stringify(body)).not.toContain("boom");
    child.kill("SIGINT");
    const { exitCode, stderr } = await ended;
    expect(exitCode).toBe(0);
    expect(linesOf(stderr).filter(({ message }) => message === "request")).toEqual([
      expect.objectContaining({ route: "/execute", agent: "fails", status: 500 }),
    ]);
  });

  test.concurrent("tells what went wrong in agents only when told to; takes limits from options", async () => {
    const { url } = await serving(["./agents.ts#fails", "--expose-errors", "--timeout", "1000"]);
    expect(JSON.stringify(await execute(url, "a"))).toContain("boom");
  });

  test.concurrent("asks a model for another, and counts what it used", async () => {
    const { url } = await serving(["sort", "--model", "simulated"]);
    expect(await execute(url, { content: "it crashes" })).toMatchObject({ status: 200 });
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toMatch(/^atomic_tokens_total\{model="simulated",kind="input"\} [1-9]/m);
  });

  test.concurrent("asks for a token that the environment holds, and says it nowhere", async () => {
    const { url, child, ended } = await serving(["shout", "--host", "0.0.0.0"], { ATOMIC_TOKEN: token });
    const local = url.replace("0.0.0.0", "127.0.0.1");
    expect(await execute(local, "a")).toMatchObject({ status: 401, body: { code: "UNAUTHENTICATED" } });
    const answered = await execute(local, "a", { authorization: `Bearer ${token}` });
    expect(answered).toMatchObject({ status: 200, body: { output: { text: "A" } } });
    expect((await fetch(`${local}/health`)).status).toBe(200);
    child.kill("SIGTERM");
    expect(JSON.stringify(await ended)).not.toContain("canary");
  });

  test.concurrent("asks for a token of the profile's file, and takes a host and an origin besides its own", async () => {
    const options = ["--profile", "guarded", "--allowed-origin", "https://app.example.com"];
    const { url, agents } = await serving(options);
    expect(agents.map(({ name }) => name)).toEqual(["shout"]);
    const authorization = `Bearer ${token}`;
    expect(await execute(url, "a")).toMatchObject({ status: 401 });
    expect(await execute(url, "a", { authorization })).toMatchObject({ status: 200 });
    const from = (origin: string) => execute(url, "a", { authorization, origin });
    expect(await from("https://app.example.com")).toMatchObject({ status: 200 });
    expect(await from("https://evil.example.com")).toMatchObject({ status: 403 });
  });

  test.concurrent("says to people where it is, and a line that works in a shell", async () => {
    const { said, child } = start(["shout", "sentiment"]);
    await vi.waitUntil(() => said.stdout.includes("curl"), { timeout: 60_000 });
    const [, url = ""] = /^Serving at (\S+)\n/.exec(said.stdout) ?? [];
    expect(said.stdout).toBe(`Serving at ${url}
  shout      ${url}/agents/shout
  sentiment  ${url}/agents/sentiment

Documentation, to be tried in a browser
  ${url}/docs

Try
  curl ${url}/agents/shout/execute -H 'content-type: application/json' -d '{"input":{"text":"some text"}}'
`);
    const [line = ""] = /curl .*/.exec(said.stdout) ?? [];
    const printed = await new Promise<string>((resolve, reject) => {
      execFile("sh", ["-c", line], (error, stdout) => (error === null ? resolve(stdout) : reject(error)));
    });
    expect(JSON.parse(printed)).toMatchObject({ output: { text: "SOME TEXT" } });
    child.kill("SIGKILL");
  });

  test.concurrent("goes on when nobody reads what it writes", async () => {
    const { url, child, ended } = await serving(["shout"]);
    child.stdout?.destroy();
    expect(await execute(url, "a")).toMatchObject({ status: 200 });
    child.kill("SIGTERM");
    expect(await ended).toMatchObject({ exitCode: 0 });
  });

  test.concurrent("cuts off what does not end in time, and says so by its exit code", async () => {
    const { url, child, ended, said } = await serving(["./agents.ts#held", "--drain-timeout", "50"]);
    const answer = execute(url, "a");
    await vi.waitUntil(() => said.stderr.includes("begun"), { timeout: 60_000 });
    child.kill("SIGTERM");
    expect(await answer).toMatchObject({ status: 503, body: { code: "CONNECTION", retryable: true } });
    expect(await ended).toMatchObject({ exitCode: 1 });
  });

  test.concurrent("finishes what it has accepted when an agent fails outside of its runs", async () => {
    const { url, ended } = await serving(["./agents.ts#stray"]);
    const answers = await Promise.all([execute(url, "good"), execute(url, "bad")]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    const { exitCode, stderr } = await ended;
    expect(exitCode).toBe(1);
    expect(linesOf(stderr).map(({ message }) => message)).toEqual([
      "service is ready",
      "an agent failed outside of its runs; the service stops",
      "service is stopping",
      "service has stopped",
    ]);
    expect(stderr).toContain("boom outside");
  });

  test.skipIf(!canUnshare()).concurrent("stops as the first process of a container", async () => {
    const { child, ended, said } = await serving(["shout"], {}, unshare);
    expect(JSON.parse(said.stdout)).toMatchObject({ pid: 1 });
    const { pid } = child;
    process.kill(Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim()), "SIGTERM");
    expect(await ended).toMatchObject({ exitCode: 0 });
  });

  test.concurrent("stops at once with the second signal", async () => {
    const { child, ended, said } = await serving(["shout", "--drain-delay", "60000"]);
    child.kill("SIGTERM");
    await vi.waitUntil(() => said.stderr.includes("stopping"), { timeout: 60_000 });
    child.kill("SIGTERM");
    expect(await ended).toMatchObject({ exitCode: 143 });
  });

  test.concurrent("stops at once with the second signal where a resource cannot be disposed of", async () => {
    const { url, child, ended, said } = await serving(["./agents.ts#holds"]);
    expect(await execute(url, "a")).toMatchObject({ body: { output: { text: "stuck" } } });
    child.kill("SIGTERM");
    await vi.waitUntil(() => said.stderr.includes("service has stopped"), { timeout: 60_000 });
    child.kill("SIGINT");
    // Without it: 1, half a minute later.
    expect(await ended).toMatchObject({ exitCode: 130 });
  });
});

describe("atomic serve refuses, and says what to do", () => {
  it.concurrent("a port that is taken", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    // It does not wait for callers that it never had.
    const { ended } = start(["shout", "--port", `${port}`, "--drain-delay", "600000"]);
    const { exitCode, stdout, stderr } = await ended;
    server.close();
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toBe(
      `error: Port ${port} of 127.0.0.1 is taken\n  where:    --port\n  try:      --port 0 takes one that is free.\n`,
    );
  });

  it.concurrent.each<[string, readonly string[], string]>([
    ["a host that others reach, without a token", ["shout", "--host", "0.0.0.0"], "ATOMIC_TOKEN=$(openssl"],
    ["a port that there is not", ["shout", "--port", "70000"], "from 0 to 65535"],
    ["an agent that there is not", ["shuot"], 'Did you mean "shout"?'],
    ["an agent that is broken", ["shout", "gone"], "atomic.yaml:4:9"],
    ["an agent whose contract is not JSON", ["./agents.ts#dated"], "Use a string in the format date-time"],
    ["two agents of one name", ["shout", "./agents.ts#shout"], 'have the name "shout"'],
    ["a flow", ["tickets"], "atomic run tickets runs it"],
    ["the file of a flow", ["./flows/tickets.flow.yaml"], "atomic run ./flows/tickets.flow.yaml runs it"],
    ["a file of tokens that there is not", ["shout", "--token-file", "none"], "there is no such file"],
    ["settings with a mistake", ["summarize", "--config", "wrong.yaml"], "wrong.yaml:2:20"],
  ])("%s", async (_, args, said) => {
    const { exitCode, stdout, stderr } = await start(args).ended;
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toContain(said);
    expect(stderr).not.toMatch(/\n +at /);
  });
});
