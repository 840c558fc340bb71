import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, it, onTestFinished } from "vitest";
import { Agent, request } from "undici";
import type { ServeOptions } from "../server/options.ts";

interface Child {
  readonly process: ChildProcess;
  readonly url: string;
  /** Its process id as it sees it. */
  readonly pid: number;
  /** Until it has said something; it may have said it before. */
  readonly said: (text: string) => Promise<string>;
  readonly exited: Promise<readonly [code: number | null, signal: string | null]>;
}

const script = join(import.meta.dirname, "service-child.ts");

async function started(options: ServeOptions, before: readonly string[] = []): Promise<Child> {
  const node = [process.execPath, "--conditions=@atomic-agents/source", script, JSON.stringify(options)];
  const [file = "", ...rest] = [...before, ...node];
  const child = spawn(file, rest, { stdio: ["ignore", "pipe", "inherit", "ipc"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const exited = once(child, "exit") as Promise<[number | null, string | null]>;
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  // It was asked for a pipe.
  const reader = createInterface({ input: child.stdout as NonNullable<typeof child.stdout> });
  reader.on("line", (line) => {
    lines.push(line);
    for (const look of waiting) look();
  });
  const said = (text: string): Promise<string> =>
    new Promise((resolve) => {
      const look = (): void => {
        const line = lines.find((each) => each.includes(text));
        if (line === undefined) return;
        waiting.delete(look);
        resolve(line);
      };
      waiting.add(look);
      look();
    });
  const [, url = "", pid = ""] = /^ready (\S+) as (\d+)$/.exec(await said("ready ")) ?? [];
  return { process: child, url, pid: Number(pid), said, exited };
}

function call(url: string, agent: string, dispatcher: Agent) {
  return request(`${url}/agents/${agent}/execute`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: '{"input":1}',
    dispatcher,
  });
}

function client(): Agent {
  const agent = new Agent({ connections: 20 });
  onTestFinished(() => agent.destroy());
  return agent;
}

it("a SIGTERM under load loses none of the requests that were accepted", async () => {
  const child = await started({ drainDelayMs: 300 });
  const dispatcher = client();
  let answered = 0;
  let closing = 0;
  const work = async (): Promise<void> => {
    for (;;) {
      try {
        const answer = await call(child.url, "brief", dispatcher);
        await answer.body.text();
        if (answer.statusCode === 200) answered++;
        if (answer.headers["connection"] === "close") closing++;
        if (answered === 300) child.process.kill("SIGTERM");
      } catch {
        // Nobody takes connections any more.
        if (closing > 0) return;
      }
    }
  };
  const looking = (async () => {
    await child.said("draining");
    const answer = await request(`${child.url}/ready`, { dispatcher });
    return [answer.statusCode, answer.headers["connection"], await answer.body.json()];
  })();
  await Promise.all(Array.from({ length: 20 }, work));
  expect(await looking).toEqual([503, "close", { status: "draining" }]);
  expect(await child.exited).toEqual([0, null]);
  expect(closing).toBeGreaterThan(20);
  // The look at `/ready` was accepted as well.
  expect(await child.said("accepted")).toBe(`accepted ${answered + 1}`);
});

it("work that goes on is waited for when no more is taken", async () => {
  const child = await started({ drainDelayMs: 0 });
  const answer = call(child.url, "held", client());
  await child.said("held");
  child.process.kill("SIGTERM");
  const other = new Agent();
  onTestFinished(() => other.destroy());
  const isTaken = () =>
    request(`${child.url}/health`, { dispatcher: other, reset: true }).then(
      async ({ body }) => body.dump().then(() => true),
      () => false,
    );
  while (await isTaken());
  child.process.send("release");
  const { statusCode, body } = await answer;
  expect([statusCode, await body.json()]).toMatchObject([200, { output: 1 }]);
  expect(await child.exited).toEqual([0, null]);
});

it("work that takes longer than the service waits is cut off, and the exit code says so", async () => {
  const child = await started({ drainDelayMs: 0, drainTimeoutMs: 100 });
  const answer = call(child.url, "held", client());
  await child.said("held");
  child.process.kill("SIGTERM");
  const { statusCode, body } = await answer;
  expect([statusCode, await body.json()]).toMatchObject([503, { code: "CONNECTION", retryable: true }]);
  expect(await child.exited).toEqual([1, null]);
});

it.each([
  ["SIGTERM", 143],
  ["SIGINT", 130],
] as const)("a second signal, %s, ends it at once", async (signal, code) => {
  const child = await started({ drainDelayMs: 60_000 });
  const answer = call(child.url, "held", client()).catch(() => "cut off");
  await child.said("held");
  child.process.kill("SIGTERM");
  await child.said("draining");
  child.process.kill(signal);
  expect(await child.exited).toEqual([code, null]);
  expect(await answer).toBe("cut off");
});

/** What gives a process a world in which it is the first. */
const unshare = ["unshare", "--pid", "--fork", "--kill-child"];

function canUnshare(): boolean {
  try {
    execFileSync("unshare", [...unshare.slice(1), "true"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

it.skipIf(!canUnshare())("a SIGTERM stops it when it is the first process of a container", async () => {
  const child = await started({ drainDelayMs: 0 }, unshare);
  expect(child.pid).toBe(1);
  const outer = child.process.pid;
  const inner = readFileSync(`/proc/${outer}/task/${outer}/children`, "utf8").trim();
  process.kill(Number(inner), "SIGTERM");
  await child.said("draining");
  expect(await child.exited).toEqual([0, null]);
});
