import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import type { RunRecord, RunStatus } from "@atomic-agents/core";
import { expect, test } from "vitest";
import { FolderRunStore } from "./folder-run-store.ts";
import { runStateOf } from "./run-state.ts";

const recordOf = (status: RunStatus, flow?: { readonly pid: number; readonly host: string }): RunRecord => ({
  report: { runId: "r", requestId: "r", agent: "a", status, startedAtMs: 0, durationMs: 0, stages: [] },
  events: [],
  droppedEvents: 0,
  ...(flow === undefined
    ? {}
    : {
        flow: {
          name: "a",
          hash: "",
          updatedAtMs: 1_000_000,
          counts: { read: 0, delivered: 0, filtered: 0, deadLettered: 0, unfinished: 0 },
          emitted: 0,
          published: false,
          source: "s",
          stages: [],
          sinks: [],
          letters: 0,
          ...flow,
        },
      }),
});

const nowMs = 1_010_000;

test("a run that has ended is as it ended, and one of an agent as its record says", () => {
  for (const status of ["success", "partial", "failed", "cancelled"] as const) {
    expect(runStateOf(recordOf(status, { pid: 1, host: "gone" }), { nowMs: 1e12 })).toBe(status);
  }
  expect(runStateOf(recordOf("running"), { nowMs: 1e12 })).toBe("running");
});

test("a run whose process is there goes on, and one whose process is gone was interrupted", async () => {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
  const record = recordOf("running", { pid: child.pid ?? 0, host: hostname() });
  expect(runStateOf(record, { nowMs })).toBe("running");
  child.kill("SIGKILL");
  await once(child, "close");
  expect(runStateOf(record, { nowMs })).toBe("interrupted");
  expect(runStateOf(recordOf("running", { pid: 0, host: hostname() }), { nowMs })).toBe("interrupted");
});

test("a run of another computer, or that has said nothing for long, goes on for five minutes", () => {
  const away = recordOf("running", { pid: 1, host: "elsewhere" });
  expect(runStateOf(away, { nowMs: 1_300_000 })).toBe("running");
  expect(runStateOf(away, { nowMs: 1_300_001 })).toBe("interrupted");
  const here = recordOf("waiting", { pid: 1, host: "here" });
  const options = { host: "here", isAlive: () => true };
  expect(runStateOf(here, { ...options, nowMs: 1_300_000 })).toBe("waiting");
  expect(runStateOf(here, { ...options, nowMs: 1_300_001 })).toBe("interrupted");
});

test("a flow that was killed is found in its store, as interrupted", async () => {
  const folder = mkdtempSync(join(tmpdir(), "killed-"));
  try {
    const program = `
      import { flow, fromIterable, toArray } from "@atomic-agents/flow";
      import { FolderRunStore } from ${JSON.stringify(join(import.meta.dirname, "folder-run-store.ts"))};
      const saving = new FolderRunStore({ folder: ${JSON.stringify(folder)} });
      const store = { ...saving, save: async (record) => {
        await saving.save(record);
        process.stdout.write("saved");
      } };
      const endless = (async function* () {
        for (let number = 0; ; number++) {
          await new Promise((resolve) => setTimeout(resolve, 1));
          yield number;
        }
      })();
      await flow(fromIterable(endless), { name: "endless" }).to(toArray([]), { run: { store } });
    `;
    const flags = ["--conditions=@atomic-agents/source", "--input-type=module"];
    const child = spawn(process.execPath, [...flags, "-e", program], {
      cwd: import.meta.dirname,
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    const store = new FolderRunStore({ folder });
    const statesOf = async () => (await store.list({ agent: "endless" })).map((record) => runStateOf(record));
    expect(await statesOf()).toEqual(["running"]);
    child.kill("SIGKILL");
    await once(child, "close");
    expect(await statesOf()).toEqual(["interrupted"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
