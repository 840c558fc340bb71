import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { loadFlow, openProject, openRunStore } from "../index.ts";

const scratch = mkdtempSync(join(tmpdir(), "atomic-linked-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

test("neither runs nor dead letters are kept where a link in the project leads out of it", async () => {
  const directory = join(scratch, "project");
  const outside = join(scratch, "outside");
  mkdirSync(directory);
  mkdirSync(outside);
  symlinkSync(outside, join(directory, ".atomic"));
  writeFileSync(join(directory, "atomic.yaml"), "name: linked\n");
  writeFileSync(join(directory, "in.jsonl"), "no record\n");
  writeFileSync(join(directory, "copy.flow.yaml"), "source: in.jsonl\nsink: out.jsonl\n");
  const project = await openProject({ directory });
  expect(() => openRunStore(project)).toThrow('".atomic/runs" leads by a link to');
  await expect(loadFlow(project, "copy")).rejects.toThrow('".atomic/dead-letters/copy" leads by a link to');
  expect(readdirSync(outside)).toEqual([]);
});
