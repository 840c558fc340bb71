import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { flow } from "../flow.ts";
import { fromIterable } from "../from-iterable.ts";
import { toFile } from "./to-file.ts";
import { unpublishedFiles } from "./unpublished-files.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "flow-unpublished-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What stands beside a file while a flow writes it. */
async function expectSeenInFlow(path: string): Promise<void> {
  const seen: (readonly string[])[] = [];
  const run = flow(
    fromIterable(
      (async function* () {
        for (let number = 0; number < 2; number++) {
          yield number;
          const found = await unpublishedFiles(path);
          seen.push(found.map(({ runId }) => runId));
        }
      })(),
    ),
  ).start(toFile(path));
  expect((await run.summary).status).toBe("success");
  expect(seen.at(-1)).toEqual([run.id]);
}

describe("unpublished files", () => {
  it("are those of a run while it writes, and none when it has published", async () => {
    const path = join(folder, "out.jsonl");
    await expectSeenInFlow(path);
    expect(await unpublishedFiles(path)).toEqual([]);
  });

  it("are found where a link leads, and under a name that was cut", async () => {
    mkdirSync(join(folder, "there"));
    symlinkSync("there/target.jsonl", join(folder, "link.jsonl"));
    await expectSeenInFlow(join(folder, "link.jsonl"));
    const long = join(folder, `${"ä".repeat(120)}.jsonl`);
    await expectSeenInFlow(long);
    expect(await unpublishedFiles(long)).toEqual([]);
  });

  it("are none of other files, and none where there is no folder", async () => {
    const path = join(folder, "out.jsonl");
    for (const name of [".out.jsonl.tmp", "out.jsonl.r1.tmp", ".other.jsonl.r1.tmp", ".out.jsonl.r1.tmp~"]) {
      writeFileSync(join(folder, name), "");
    }
    mkdirSync(join(folder, ".out.jsonl.folder.tmp"));
    expect(await unpublishedFiles(path)).toEqual([]);
    writeFileSync(join(folder, ".out.jsonl.r1-01.tmp"), "12345");
    expect(await unpublishedFiles(path)).toEqual([
      { path: join(folder, ".out.jsonl.r1-01.tmp"), runId: "r1-01", bytes: 5 },
    ]);
    expect(await unpublishedFiles(join(folder, "none/out.jsonl"))).toEqual([]);
  });
});
