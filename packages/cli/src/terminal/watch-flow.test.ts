import type { FlowProgress } from "@atomic-agents/flow";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createStatusLine } from "./status-line.ts";
import { watchFlow } from "./watch-flow.ts";

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubEnv("NO_COLOR", "1");
  vi.stubEnv("LC_ALL", "C");
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

/** A flow of 10,000 records that reads so many a second, and what is told of it. */
function watched(isTTY: boolean, json: boolean, perSecond = 100) {
  let text = "";
  const write = (more: string) => {
    text += more;
    return true;
  };
  const status = createStatusLine({ isTTY, columns: 80, write }, !json, { TERM: "xterm" });
  const startMs = Date.now();
  const progress = (): FlowProgress => {
    const read = ((Date.now() - startMs) / 1_000) * perSecond;
    const counts = { read, delivered: read, filtered: 0, deadLettered: 0, unfinished: 0 };
    return { ...counts, status: "running", bytesRead: read, ratio: Math.min(1, read / 10_000) };
  };
  const stop = watchFlow({ progress }, status, { json, now: () => Date.now() });
  return { stop, text: () => text.replaceAll("\u001b", "^") };
}

it("redraws one line of a terminal, and takes it away at the end", () => {
  const { stop, text } = watched(true, false);
  vi.advanceTimersByTime(199);
  expect(text()).toBe("");
  vi.advanceTimersByTime(5_001);
  expect(text().split("\r^[J")).toHaveLength(26);
  expect(text()).toMatch(
    /\r\^\[J\[\.*\] {4}5 % {2}520 records {2}100\/s {2}1 min 35 s left {2}520 delivered$/,
  );
  expect(text()).not.toContain("\n");
  stop();
  expect(text()).toMatch(/\r\^\[J$/);
  const all = text();
  vi.advanceTimersByTime(60_000);
  expect(text()).toBe(all);
});

it("leaves a line every ten seconds where there is no terminal", () => {
  const { stop, text } = watched(false, false);
  vi.advanceTimersByTime(9_999);
  expect(text()).toBe("");
  vi.advanceTimersByTime(15_001);
  stop();
  expect(text()).toBe(
    " 10 %  1,000 records  100/s  1 min 30 s left  1,000 delivered\n" +
      " 20 %  2,000 records  100/s  1 min 20 s left  2,000 delivered\n",
  );
});

it("leaves a line of JSON every second for programs, on a terminal too", () => {
  for (const isTTY of [true, false]) {
    const { stop, text } = watched(isTTY, true);
    vi.advanceTimersByTime(3_500);
    stop();
    const lines = text().trimEnd().split("\n");
    expect(lines).toHaveLength(3);
    expect(JSON.parse(lines[2] ?? "")).toEqual({
      progress: {
        status: "running",
        read: 300,
        delivered: 300,
        filtered: 0,
        deadLettered: 0,
        unfinished: 0,
        bytesRead: 300,
        ratio: 0.03,
        recordsPerSecond: 100,
        elapsedMs: 3_000,
        leftMs: 97_000,
      },
    });
  }
});
