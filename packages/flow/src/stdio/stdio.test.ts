import { execFileSync, spawn, spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { FlowSummary } from "../summary.ts";

const child = join(import.meta.dirname, "stdio-child.ts");
const flags = ["--conditions=@atomic-agents/source", child];

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "flow-stdio-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Ran {
  readonly stdout: Buffer;
  readonly summary: FlowSummary & { readonly ratio?: number; readonly causeCode?: string };
}

/** Copies standard input to standard output by a flow, in a process of its own. */
function copy(
  input: string | Buffer,
  options: { readonly from?: object; readonly to?: object; readonly joined?: boolean } = {},
): Ran {
  const { stdout, stderr, status } = spawnSync(process.execPath, [...flags, JSON.stringify(options)], {
    input,
  });
  expect([status, String(stderr).slice(0, 1)]).toEqual([0, "{"]);
  // The child prints its summary to standard error.
  return { stdout, summary: JSON.parse(String(stderr)) as Ran["summary"] };
}

describe("fromStdin and toStdout", () => {
  it("copy records from one to the other, whatever the formats", () => {
    const { stdout, summary } = copy('{"a":1}\nno\n{"a":2}\n');
    expect(String(stdout)).toBe('{"a":1}\n{"a":2}\n');
    expect(summary).toMatchObject({ status: "partial", read: 3, delivered: 2, deadLettered: 1 });
    expect(summary.deadLetters[0]).toMatchObject({ source: "stdin", file: "stdin", line: 2 });
    const csv = copy(gzipSync('[{"a":1}]'), {
      from: { format: "json", compression: "gzip" },
      to: { format: "csv", compression: "gzip" },
    });
    expect(String(gunzipSync(csv.stdout))).toBe("a\n1\n");
    expect(String(copy("a\n\nb", { from: { format: "text" }, to: { format: "text" } }).stdout)).toBe(
      "a\n\nb\n",
    );
    expect(copy("").summary).toMatchObject({ status: "success", read: 0 });
  });

  it("cannot read the same input on both sides of a join", () => {
    const { summary } = copy('{"a":1}\n', { joined: true });
    expect(summary).toMatchObject({ status: "failed", delivered: 0 });
    expect(summary.error?.message).toMatch(/must be standard input that nobody has read/);
  });

  it("knows how much there is when a file is the input", () => {
    const path = join(folder, "in.jsonl");
    writeFileSync(path, "1\n2\n");
    const input = openSync(path, "r");
    const { stderr } = spawnSync(process.execPath, [...flags, "{}"], { stdio: [input, "ignore", "pipe"] });
    closeSync(input);
    expect(JSON.parse(String(stderr))).toMatchObject({ status: "success", ratio: 1 });
  });

  it.runIf(process.platform !== "win32")("refuses a folder, which is not an input without records", () => {
    const input = openSync(folder, "r");
    const { stderr } = spawnSync(process.execPath, [...flags, "{}"], { stdio: [input, "ignore", "pipe"] });
    closeSync(input);
    expect(JSON.parse(String(stderr))).toMatchObject({ status: "failed", error: { code: "CONFIG" } });
  });

  it("gives each record on when it comes", async () => {
    const process_ = spawn(process.execPath, [...flags, "{}"], { stdio: ["pipe", "pipe", "ignore"] });
    for (const line of ["1\n", '{"second":true}\n']) {
      process_.stdin.write(line);
      const got = await new Promise((resolve) => process_.stdout.once("data", resolve));
      expect(String(got)).toBe(line);
    }
    process_.stdin.end();
    expect(await new Promise((resolve) => process_.on("close", resolve))).toBe(0);
  });

  it.runIf(process.platform !== "win32")("end the flow when the reader has gone, without a crash", () => {
    const lines = Array.from({ length: 100_000 }, (_, index) => `{"number":${index}}\n`).join("");
    const path = join(folder, "in.jsonl");
    writeFileSync(path, lines);
    const errors = join(folder, "errors");
    const command = `"$0" "$@" < "${path}" 2> "${errors}" | head -n 1; cat "${errors}"`;
    const printed = execFileSync("sh", ["-c", command, process.execPath, ...flags, "{}"], {
      encoding: "utf8",
    });
    const [first = "", second = ""] = printed.split("\n");
    expect(first).toBe('{"number":0}');
    const summary = JSON.parse(second) as Ran["summary"];
    expect(summary).toMatchObject({
      status: "failed",
      published: false,
      causeCode: "EPIPE",
      error: { code: "EXECUTION", message: "Standard output was closed by its reader (EPIPE)" },
    });
    expect(summary.read).toBe(summary.delivered + summary.unfinished);
    expect(summary.unfinished).toBeGreaterThan(0);
  });

  it.runIf(process.platform === "linux")("end the flow when there is no room for more", () => {
    const full = openSync("/dev/full", "w");
    const { stderr } = spawnSync(process.execPath, [...flags, "{}"], {
      input: "1\n2\n",
      stdio: ["pipe", full, "pipe"],
    });
    closeSync(full);
    const summary = JSON.parse(String(stderr)) as Ran["summary"];
    expect(summary).toMatchObject({
      status: "failed",
      read: 2,
      delivered: 0,
      unfinished: 2,
      causeCode: "ENOSPC",
    });
  });

  it("does not wait for input when the flow is cancelled", async () => {
    const options = JSON.stringify({ cancelAfter: 1 });
    const process_ = spawn(process.execPath, [...flags, options], { stdio: ["pipe", "ignore", "pipe"] });
    let printed = "";
    process_.stderr.on("data", (bytes: Buffer) => {
      printed += bytes.toString();
    });
    // Standard input stays open.
    process_.stdin.write("1\n");
    await new Promise((resolve) => process_.on("close", resolve));
    expect(JSON.parse(printed)).toMatchObject({ status: "cancelled", read: 1 });
  });

  it("is refused a second time", () => {
    const { summary } = copy("1\n", { from: { twice: true } });
    expect(summary).toMatchObject({ status: "failed", error: { code: "CONFIG" } });
  });
});
