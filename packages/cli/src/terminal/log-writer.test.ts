import { createLog } from "@atomic-agents/core";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { logWriter } from "./log-writer.ts";
import type { StatusLine } from "./status-line.ts";

beforeEach(() => {
  vi.stubEnv("NO_COLOR", "1");
});
afterEach(() => {
  vi.unstubAllEnvs();
});

function logged(
  live: boolean,
  of?: "run" | "runs",
): { readonly lines: string[]; readonly write: (line: string) => void } {
  const lines: string[] = [];
  const status: StatusLine = {
    live,
    show: () => {},
    clear: () => {},
    writeLine: (line) => lines.push(line),
  };
  return { lines, write: logWriter(status, of) };
}

it("writes for who looks at a terminal", () => {
  const { lines, write } = logged(true);
  const log = createLog({ level: "info", write });
  log.warn("too many\nfailed", { alert: "deadLetters", limit: 100, password: "swordfish" });
  log.info("done");
  write("no JSON\u001b[31m");
  write("5");
  expect(lines).toEqual([
    "warn: too many failed alert=deadLetters limit=100 password=[redacted]",
    "info: done",
    "no JSON [31m",
    "5",
  ]);
});

it("says of which run it is only where there are many", () => {
  const [one, many] = [logged(true), logged(true, "runs")];
  for (const { write } of [one, many]) {
    createLog({ level: "info", write }).info("request", { agent: "label", runId: "r-1", status: 200 });
  }
  expect(one.lines).toEqual(["info: request status=200"]);
  expect(many.lines).toEqual(["info: request agent=label runId=r-1 status=200"]);
});

it("writes lines as they are for programs", () => {
  const { lines, write } = logged(false);
  createLog({ level: "info", write }).info("done");
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({ level: "info", message: "done" });
});
