import { spawn } from "node:child_process";
import { once } from "node:events";
import { hostname } from "node:os";
import type { RunRecord, RunStatus } from "@atomic-agents/core";
import { expect, test } from "vitest";
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
