import type { ChildProcess } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { constants } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Ended, type Folder, makeFolder } from "./atomic-process.ts";
import { ticketLines, ticketsProject } from "./tickets-project.ts";

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

/** Moments at which runs are ended, and how many of them in the middle of writing. */
const [randomMoments, midWriteMoments] = process.env["FULL"] === "1" ? [60, 60] : [28, 22];
/** How many processes at a time: a signal that comes late is at another moment, no more. */
const lanes = 4;
/** From the signal to the end of the process: the five seconds that it gives itself, on a computer that is busy. */
const patienceMs = 30_000;

const folders: Folder[] = [];
afterAll(() => {
  for (const folder of folders) folder.remove();
});

const before = '{"id":0,"text":"BEFORE"}\n';
const records = 50_000;
const data = ticketLines(records);
let complete = "";

function project(): Folder {
  const folder = makeFolder({ ...ticketsProject, "data/tickets.jsonl": data, "out/tickets.jsonl": before });
  folders.push(folder);
  return folder;
}

type Signal = "SIGINT" | "SIGTERM";

interface Summary {
  readonly status: string;
  readonly read: number;
  readonly delivered: number;
  readonly filtered: number;
  readonly deadLettered: number;
  readonly unfinished: number;
  readonly sinks: readonly { readonly name: string; readonly published: boolean }[];
}

/** Folders are used again, but never by two at a time. */
async function inLanes(count: number, work: (folder: Folder, index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const ends = await Promise.allSettled(
    Array.from({ length: lanes }, async () => {
      const folder = project();
      for (let index = next++; index < count; index = next++) await work(folder, index);
    }),
  );
  for (const end of ends) if (end.status === "rejected") throw end.reason;
}

/** What must hold whenever a run was ended. Tells what became of it. */
function check(folder: Folder, signal: Signal, ended: Ended): "cancelled" | "done" | "early" {
  const text = readFileSync(folder.at("out/tickets.jsonl"), "utf8");
  // As it was, or all of it: never a part.
  expect(text === before || text === complete).toBe(true);
  const number = constants.signals[signal];
  if (ended.stdout === "") {
    // Too early for the command to listen, or to begin: nothing has been begun.
    const how = ended.signal ?? ended.code;
    expect({ how, stderr: ended.stderr }).toMatchObject({
      how: ended.signal === null ? 128 + number : signal,
    });
    expect(text).toBe(before);
    return "early";
  }
  const summary = JSON.parse(ended.stdout) as Summary;
  const { read, delivered, filtered, deadLettered, unfinished, status, sinks } = summary;
  expect(delivered + filtered + deadLettered + unfinished).toBe(read);
  // The dead letters are published after it.
  expect(text).toBe(sinks.find(({ name }) => name === "out/tickets.jsonl")?.published ? complete : before);
  if (status === "partial") {
    // It was over before it was told, or while its process was being taken down.
    expect(ended.signal ?? ended.code).toBe(ended.signal === null ? 0 : signal);
    expect(read).toBe(records);
    return "done";
  }
  expect(status).toBe("cancelled");
  expect(ended.code).toBe(128 + number);
  expect(ended.stderr.trimEnd().split("\n").at(-1)).toBe(
    JSON.stringify({ error: { code: "CANCELLED", message: "cancelled" }, exitCode: 128 + number }),
  );
  return "cancelled";
}

/** Sends a signal, and sees to it that the process ends soon. */
function end(child: ChildProcess, signal: Signal): void {
  child.kill(signal);
  const timer = setTimeout(() => child.kill("SIGKILL"), patienceMs);
  child.once("close", () => clearTimeout(timer));
}

function prepare(folder: Folder): void {
  folder.write({ "out/tickets.jsonl": before });
  rmSync(folder.at("out/tickets.dead-letters.jsonl"), { force: true });
}

const signalOf = (index: number): Signal => (index % 2 === 0 ? "SIGTERM" : "SIGINT");
const leftovers = (folder: Folder) => readdirSync(folder.at("out")).filter((name) => name.endsWith(".tmp"));

/** How long a run takes beside others, and how long of it from when it begins to write. */
let wholeMs = 0;
let writingMs = 0;
beforeAll(async () => {
  await inLanes(lanes, async (folder) => {
    const startMs = performance.now();
    let beganMs = startMs;
    await folder.atomic("run tickets", {
      started: (child) => {
        child.stdin?.end();
        void writing(folder, child).then(() => {
          beganMs = performance.now();
        });
      },
    });
    wholeMs = Math.max(wholeMs, performance.now() - startMs);
    writingMs = Math.max(writingMs, performance.now() - beganMs);
    complete = readFileSync(folder.at("out/tickets.jsonl"), "utf8");
  });
  if (complete.length < 1_000_000) throw new Error("the run that should be whole wrote too little");
});

describe("a run of a flow that is ended by a signal", () => {
  it(`at ${randomMoments} moments, leaves its output whole or as it was`, async () => {
    const outcomes: string[] = [];
    await inLanes(randomMoments, async (folder, index) => {
      prepare(folder);
      const signal = signalOf(index);
      // Most of a run is its start: half of them are ended when they have begun to write.
      const hasBegun = index % 4 >= 2;
      const atMs = Math.random() * (hasBegun ? writingMs : wholeMs);
      const ended = await folder.atomic("run tickets --json", {
        started: (child) => {
          child.stdin?.end();
          const begun = hasBegun ? writing(folder, child) : Promise.resolve();
          void begun.then(() => delay(atMs)).then(() => end(child, signal));
        },
      });
      outcomes.push(check(folder, signal, ended));
      expect(leftovers(folder)).toEqual([]);
    });
    // The moments were not all before it began or after it was over.
    expect(outcomes.filter((outcome) => outcome === "cancelled").length).toBeGreaterThan(2);
    const folder = folders.at(-1) ?? project();
    prepare(folder);
    const next = await folder.atomic("run tickets --json");
    expect(next.code).toBe(0);
    expect(JSON.parse(next.stdout)).toMatchObject({ status: "partial", read: records, unfinished: 0 });
    expect(readFileSync(folder.at("out/tickets.jsonl"), "utf8")).toBe(complete);
  });

  it(`at ${midWriteMoments} moments in the middle of writing, leaves nothing of what it wrote`, async () => {
    await inLanes(midWriteMoments, async (folder, index) => {
      prepare(folder);
      const signal = signalOf(index);
      let written = 0;
      const ended = await folder.atomic("run tickets --input - --json", {
        started: (child) => {
          // Its input does not end: it cannot be over when the signal comes.
          child.stdin?.write(data);
          void writing(folder, child).then(async (bytes) => {
            written = bytes;
            await delay(Math.random() * 50);
            end(child, signal);
          });
        },
      });
      // It was in the middle of writing: what it had written so far was there, under another name.
      expect(written).toBeGreaterThan(0);
      expect(check(folder, signal, ended)).toBe("cancelled");
      expect(readFileSync(folder.at("out/tickets.jsonl"), "utf8")).toBe(before);
      expect(leftovers(folder)).toEqual([]);
      // What had failed by then is there to be looked into.
      const { deadLettered } = JSON.parse(ended.stdout) as Summary;
      const letters = folder.at("out/tickets.dead-letters.jsonl");
      const kept = existsSync(letters) ? readFileSync(letters, "utf8").trimEnd().split("\n").length : 0;
      expect(kept).toBe(deadLettered);
    });
  });

  it("that gives it no time is told by who looks at it later", async () => {
    const folder = project();
    const ended = await folder.atomic("run tickets --input - --json", {
      started: (child) => {
        child.stdin?.write(data);
        // Writing begins before it is kept that there is a run.
        void writing(folder, child)
          .then(() => until(child, () => isKept(folder)))
          .then(() => child.kill("SIGKILL"));
      },
    });
    expect(ended).toMatchObject({ signal: "SIGKILL", stdout: "" });
    expect(readFileSync(folder.at("out/tickets.jsonl"), "utf8")).toBe(before);
    const runs = JSON.parse((await folder.atomic("runs list --status interrupted --json")).stdout) as unknown;
    expect(runs).toMatchObject([{ name: "tickets", status: "interrupted" }]);
    const redrive = await folder.atomic("redrive last");
    expect(redrive.code).toBe(2);
    expect(redrive.stderr).toMatch(/wrote no output: it was interrupted\n/);
    expect((await folder.atomic("run tickets --json")).code).toBe(0);
    expect(readFileSync(folder.at("out/tickets.jsonl"), "utf8")).toBe(complete);
  });

  it("leaves at once the second time", async () => {
    const folder = project();
    folder.write({
      // Who is asked to let go of what was written does not.
      "hang.mjs": `import { defineSink } from "@atomic-agents/flow";
const discard = () => { console.error("hangs"); return new Promise(() => {}); };
export const sink = defineSink({ name: "hang", open: () => { console.error("open"); return { write: () => {}, discard }; } });
`,
      "hang.flow.yaml":
        "source: { stdin: true, format: jsonl }\nstages: []\nsink: { module: ./hang.mjs#sink }\n",
    });
    let said = "";
    const ended = await folder.atomic("run hang.flow.yaml", {
      started: (child) => {
        child.stderr?.on("data", (chunk: string) => {
          const before = said;
          said += chunk;
          for (const word of ["open", "hangs"]) {
            if (!before.includes(word) && said.includes(word)) child.kill("SIGINT");
          }
        });
      },
    });
    expect(ended.stderr).toMatch(/open\n[^]*hangs\n/);
    expect(ended).toMatchObject({ code: null, signal: "SIGINT", stdout: "" });
  });
});

/** Waits until a run has written something, and tells how much. */
async function writing(folder: Folder, child: ChildProcess): Promise<number> {
  let bytes = 0;
  await until(child, () => {
    const name = leftovers(folder).find((one) => one.startsWith(".tickets.jsonl"));
    bytes = name === undefined ? 0 : (statSync(folder.at("out", name), { throwIfNoEntry: false })?.size ?? 0);
    return bytes > 0;
  });
  return bytes;
}

/** Whether there is a record of a run. */
function isKept(folder: Folder): boolean {
  const runs = folder.at(".atomic/runs");
  return existsSync(runs) && readdirSync(runs).some((name) => name.endsWith(".json"));
}

/** Waits for something, as long as a process goes on. */
async function until(child: ChildProcess, isThere: () => boolean): Promise<void> {
  while (child.exitCode === null && child.signalCode === null && !isThere()) await delay(5);
}
