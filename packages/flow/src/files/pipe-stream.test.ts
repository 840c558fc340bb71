import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { flow, fromFile, toArray } from "../index.ts";

const folder = mkdtempSync(join(tmpdir(), "pipe-stream-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function newPipe(name: string): string {
  const path = join(folder, name);
  execFileSync("mkfifo", [path]);
  return path;
}

// Windows has no pipes in folders.
describe.skipIf(process.platform === "win32")("a pipe", () => {
  it("is read until its writer has gone, who may come late", async () => {
    const path = newPipe("late.jsonl");
    const got: { id: number }[] = [];
    const running = flow(fromFile(path)).to(toArray<unknown>(got));
    const lines = Array.from({ length: 50_000 }, (_, id) => `{"id":${id}}\n`).join("");
    const writer = await open(path, "w");
    await writer.writeFile(lines);
    await writer.close();
    expect(await running).toMatchObject({ status: "success", read: 50_000 });
    expect(got.at(-1)).toEqual({ id: 49_999 });
  });

  it("is read that has a writer who is gone before the flow begins to read", async () => {
    const program = `exec "$0" --conditions=@atomic-agents/source --input-type=module -e '
      import { flow, fromFile, toArray } from "@atomic-agents/flow";
      const got = [];
      await flow(fromFile(process.argv[1], { format: "jsonl" })).to(toArray(got));
      console.log(JSON.stringify(got));
    ' <(echo '{"id":1}')`;
    const out = execFileSync("bash", ["-c", program, process.execPath], {
      cwd: import.meta.dirname,
      encoding: "utf8",
    });
    expect(JSON.parse(out)).toEqual([{ id: 1 }]);
  });

  it.each(["without a writer", "with one who writes nothing"])(
    "%s lets go of a flow that is cancelled, and of its process",
    async (which) => {
      const path = newPipe(`${which}.jsonl`);
      const program = `
        import { flow, fromFile, toArray } from "@atomic-agents/flow";
        const run = flow(fromFile(process.argv[1])).start(toArray([]));
        console.log("begun");
        process.stdin.once("data", () => { process.stdin.destroy(); run.cancel("enough"); });
        console.log((await run.summary).status);
      `;
      const child = spawn(
        process.execPath,
        ["--conditions=@atomic-agents/source", "--input-type=module", "-e", program, path],
        {
          cwd: import.meta.dirname,
          timeout: 30_000,
          killSignal: "SIGKILL",
          stdio: ["pipe", "pipe", "inherit"],
        },
      );
      let said = "";
      const hasBegun = new Promise<void>((resolve) => {
        child.stdout.setEncoding("utf8").on("data", (text: string) => {
          said += text;
          resolve();
        });
      });
      await hasBegun;
      const writer = which === "without a writer" ? undefined : await open(path, "w");
      child.stdin.write("stop\n");
      const code = await new Promise((resolve) => child.once("close", resolve));
      await writer?.close();
      expect({ code, said }).toEqual({ code: 0, said: "begun\ncancelled\n" });
    },
  );
});
