import { flow, fromIterable, toFile } from "@atomic-agents/flow";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { appendingSink, unpublishedAdditions } from "./appending-sink.ts";

const scratch = mkdtempSync(join(tmpdir(), "append-"));
afterAll(() => rmSync(scratch, { recursive: true }));

const newFile = (name = "out.jsonl") => join(mkdtempSync(join(scratch, "case-")), name);
const adding = (file: string) => appendingSink("out", file, (other) => toFile(other, { format: "jsonl" }));
const linesOf = (file: string) => readFileSync(file, "utf8").trim().split("\n");
const filesBeside = (file: string) => readdirSync(join(file, ".."));

describe("a sink that adds to a file", () => {
  it("keeps what another run put there meanwhile", async () => {
    const file = newFile();
    writeFileSync(file, "0\n");
    const begun = Promise.withResolvers<void>();
    const ends = Promise.withResolvers<void>();
    const source = async function* () {
      // Sinks are open by now.
      begun.resolve();
      await ends.promise;
      yield* [1, 2];
    };
    const first = flow(fromIterable(source())).start(adding(file));
    await begun.promise;
    expect(await flow(fromIterable([3])).to(adding(file))).toMatchObject({ status: "success" });
    ends.resolve();
    expect(await first.summary).toMatchObject({ status: "success", delivered: 2 });
    expect(linesOf(file)).toEqual(["0", "3", "1", "2"]);
    expect(filesBeside(file)).toEqual(["out.jsonl"]);
  });

  it("has what it is at found by its file and run, and leaves nothing", async () => {
    const file = newFile();
    writeFileSync(join(file, "../.other.01234567.tmp"), "");
    const found: string[] = [];
    const source = async function* () {
      yield 1;
      for (const { path, runId } of await unpublishedAdditions(file)) found.push(runId, ...readdirSync(path));
    };
    const { runId } = await flow(fromIterable(source())).to(adding(file));
    expect(found).toEqual([runId, expect.stringContaining("out.jsonl"), "whole"]);
    expect(await unpublishedAdditions(file)).toEqual([]);
    expect(await unpublishedAdditions(join(file, "../none/out.jsonl"))).toEqual([]);
  });

  it("keeps what is written to a name at which nothing was when it began", async () => {
    const file = newFile();
    const source = function* () {
      writeFileSync(file, "0\n");
      yield 1;
    };
    expect(await flow(fromIterable(source())).to(adding(file))).toMatchObject({ delivered: 1 });
    expect(linesOf(file)).toEqual(["0", "1"]);
    expect(filesBeside(file)).toEqual(["out.jsonl"]);
  });

  it("writes to what a link leads to", async () => {
    const file = newFile();
    const link = newFile("link.jsonl");
    writeFileSync(file, "0");
    symlinkSync(file, link);
    await flow(fromIterable([1])).to(adding(link));
    expect(linesOf(link)).toEqual(["0", "1"]);
    expect(linesOf(file)).toEqual(["0", "1"]);
  });

  it("takes the longest name that there may be", async () => {
    const file = newFile(`${"n".repeat(249)}.jsonl`);
    writeFileSync(file, "0\n");
    expect(await flow(fromIterable([1])).to(adding(file))).toMatchObject({ status: "success" });
    expect(linesOf(file)).toEqual(["0", "1"]);
  });

  it("leaves nothing behind when it cannot begin, or another sink cannot end", async () => {
    const file = newFile();
    writeFileSync(file, "0\n");
    const broken = appendingSink("out", file, (other) => {
      const sink = toFile(other, { format: "jsonl" });
      return { ...sink, "~sink": { ...sink["~sink"], open: () => Promise.reject(new Error("no")) } };
    });
    expect(await flow(fromIterable([1])).to(broken)).toMatchObject({ status: "failed" });
    const folder = join(file, "..", "blocked");
    const cannotEnd = {
      ...toFile(folder, { format: "jsonl" }),
      "~sink": {
        encode: undefined,
        maxRecords: 1,
        open: () => ({
          write: () => {},
          prepare: () => Promise.reject(new Error("full")),
        }),
      },
    };
    expect(
      await flow(fromIterable([1]))
        .tee(adding(file))
        .to(cannotEnd),
    ).toMatchObject({ status: "failed" });
    expect(linesOf(file)).toEqual(["0"]);
    expect(existsSync(folder)).toBe(false);
    expect(filesBeside(file)).toEqual(["out.jsonl"]);
  });
});
