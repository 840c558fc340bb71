import { execFile } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";

const scratch = mkdtempSync(join(tmpdir(), "atomic-init-"));
chmodSync(scratch, 0o755);
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
let folders = 0;

/** A folder of its own, with what lies in it. */
function folder(files: Readonly<Record<string, string>> = {}): string {
  const path = join(scratch, `folder-${++folders}`);
  mkdirSync(path);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  return path;
}

const program = join(import.meta.dirname, "../bin.ts");
const nobody = 65_534;

function init(cwd: string, args: readonly string[], uid?: number) {
  const env = { ...process.env, NO_COLOR: "1", NODE_OPTIONS: "", PATH: "" };
  const all = ["--conditions=@atomic-agents/source", program, "init", ...args];
  return new Promise<{ readonly code: unknown; readonly stdout: string; readonly stderr: string }>(
    (resolve) =>
      execFile(process.execPath, all, { cwd, env, uid, timeout: 50_000 }, (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : error.code, stdout, stderr }),
      ),
  );
}

const nameOf = (project: string) => {
  // Written by the command that is tested.
  const manifest = JSON.parse(readFileSync(join(project, "package.json"), "utf8")) as {
    readonly name: unknown;
  };
  return manifest.name;
};

describe("init", () => {
  it("makes a project in a folder that is not there, and says what to type next", async () => {
    const cwd = folder();
    const { code, stdout, stderr } = await init(cwd, ["deep/Tickets of été 2024"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const project = join(cwd, "deep", "Tickets of été 2024");
    expect(readdirSync(project)).toEqual([
      ".gitignore",
      "README.md",
      "agents",
      "atomic.yaml",
      "data",
      "flows",
      "package.json",
      "tsconfig.json",
    ]);
    expect(nameOf(project)).toBe("tickets-of-ete-2024");
    expect(readFileSync(join(project, "atomic.yaml"), "utf8")).toContain("\nname: tickets-of-ete-2024\n");
    expect(readFileSync(join(project, "README.md"), "utf8")).toMatch(/^# tickets-of-ete-2024\n/);
    expect(stdout).toMatch(/^Made the project tickets-of-ete-2024 in .*\n {2}\.gitignore\n/);
    expect(stdout).toMatch(
      /\n {2}cd 'deep\/Tickets of été 2024'\n {2}npm install\n {2}npm run check\n {2}npm start\n {2}npm test\n$/,
    );
  });

  it("makes a project in the current folder, with what version control and editors leave there", async () => {
    const cwd = folder({ ".DS_Store": "" });
    mkdirSync(join(cwd, ".git"));
    const { code, stdout } = await init(cwd, ["--template", "minimal", "--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      name: basename(cwd),
      folder: cwd,
      template: "minimal",
      files: [".gitignore", "README.md", "atomic.yaml", "package.json", "tsconfig.json"],
      next: ["npm install", "npx atomic create agent my-agent --type function"],
    });
  });

  it("says the commands of what installs packages in the folders around", async () => {
    const cwd = folder({ "pnpm-workspace.yaml": "packages: [packages/*]" });
    const { stdout } = await init(cwd, ["packages/tickets"]);
    expect(stdout).toMatch(
      /\n {2}cd packages\/tickets\n {2}pnpm install\n {2}pnpm run check\n {2}pnpm start\n {2}pnpm test\n$/,
    );
  });

  it("gives no project the name of what it installs", async () => {
    const cwd = folder();
    expect((await init(cwd, ["zod"])).code).toBe(0);
    expect(nameOf(join(cwd, "zod"))).toBe("zod-project");
  });

  it("says what is in the way, and writes nothing", async () => {
    const cwd = folder({ "package.json": "{}", a: "", b: "", c: "", d: "", e: "", ".git": "" });
    const { code, stdout, stderr } = await init(cwd, []);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("is not empty\n");
    expect(stderr).toContain("got:      a, b, c, d, e and 1 more\n");
    expect(stderr).toContain("Nothing was written. Name another folder: atomic init ./my-project\n");
    expect(readdirSync(cwd)).toHaveLength(7);
    expect(readFileSync(join(cwd, "package.json"), "utf8")).toBe("{}");
  });

  it.each([
    ["a file", "file", "is no folder"],
    ["below a file", "file/project", "cannot be written: a part of it is no folder"],
    ["a circle of links", "circle", "cannot be read: its links lead in a circle"],
    ["a name too long", "x".repeat(300), "cannot be read: the name is too long"],
    ["no path", "", "needs the path of a folder"],
    ["no file system to write to", "/proc/project", "cannot be written: "],
  ])("refuses %s", async (_, path, message) => {
    const cwd = folder({ file: "" });
    symlinkSync("circle", join(cwd, "circle"));
    const { code, stdout, stderr } = await init(cwd, [path]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(message);
    expect(readdirSync(cwd)).toEqual(["circle", "file"]);
  });

  it("refuses a folder where it may not write", async () => {
    const isRoot = process.getuid?.() === 0;
    const cwd = folder();
    mkdirSync(join(cwd, "closed"));
    chmodSync(join(cwd, "closed"), 0o555);
    chmodSync(cwd, 0o555);
    for (const path of ["closed", "new"]) {
      const { code, stderr } = await init(cwd, [path], isRoot ? nobody : undefined);
      expect(code).toBe(2);
      expect(stderr).toContain(`${join(cwd, path)} cannot be written: permission is denied\n`);
    }
    chmodSync(cwd, 0o755);
    expect(existsSync(join(cwd, "new"))).toBe(false);
    expect(readdirSync(join(cwd, "closed"))).toEqual([]);
  });

  it.each([
    [["--template", "flows"], "Allowed choices are flow, pipeline, minimal."],
    [["a", "b"], "too many arguments"],
    [["--force"], "unknown option '--force'"],
  ])("refuses %j", async (args, message) => {
    const cwd = folder();
    const { code, stderr } = await init(cwd, args);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr).toContain("atomic init --help");
    expect(readdirSync(cwd)).toEqual([]);
  });
});
