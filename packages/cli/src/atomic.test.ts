import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

// Each test waits for one to six processes, which share the computer with other tests.
vi.setConfig({ testTimeout: 120_000 });

/** Within the workspace, so that modules in it find the packages. */
const scratch = join(import.meta.dirname, "../../../out");
mkdirSync(scratch, { recursive: true });
const cwd = mkdtempSync(join(scratch, "atomic-"));
const program = join(import.meta.dirname, "bin.ts");

const agents = `
import { AtomicError, defineAgent, parallel, pipeline } from "@atomic-agents/core";
import * as z from "zod";
console.log("said at import");
const Text = z.object({ text: z.string().min(1) });
const define = (name, execute, input = Text, output = z.any()) =>
  defineAgent({ name, description: "For tests.", input, output, execute });
export const echo = define("echo", ({ text }, ctx) => { console.log("said by the agent"); ctx.log.info("echoing"); return { text }; });
export const upper = define("upper", (text) => text.toUpperCase(), z.string());
export const add = define("add", ({ a, b }) => a + b, z.object({ a: z.number(), b: z.number().default(1) }));
export const same = define("same", (input) => input, z.any());
export const rows = define("rows", () => [{ a: 1, b: 'x,"y"' }, { b: "two\\nlines", c: [1] }], z.any());
export const fails = define("fails", () => { throw new Error("no luck"); });
export const wrong = define("wrong", () => ({ text: 5 }), Text, Text);
export const picky = define("picky", ({ text }) => text, z.object({ text: z.string().max(3) }));
export const hang = define("hang", () => { console.error("ready"); setInterval(() => {}, 60_000); return new Promise(() => {}); });
export const stray = define("stray", () => new Promise(() => { setTimeout(() => { throw new Error("nobody waited"); }, 1); }));
export const rejects = define("rejects", () => { void Promise.reject(); return new Promise(() => {}); });
export const quits = define("quits", () => process.exit(0));
export const bigint = define("bigint", () => ({ deep: [1n] }));
export const long = define("long", () => "line\\n".repeat(200_000));
export const limited = define("limited", () => { throw new AtomicError("CONFIG", "bad policy", { details: { path: "x", expected: "y", got: "z" } }); });
export const chain = pipeline("chain").stage("first", echo).stage(parallel({ a: echo, b: echo })).map(({ a }) => a, Text);
export const inner = pipeline("inner").stage("first", echo).stage("second", picky);
export const notAgent = { name: "x" };
`;

const files: Readonly<Record<string, string>> = {
  "agents.mjs": agents,
  "typed.ts": `import { defineAgent } from "@atomic-agents/core";
import * as z from "zod";
export default defineAgent({
  name: "typed", description: "In TypeScript.", input: z.string(), output: z.string(),
  execute: (text: string): string => text.trim(),
});`,
  "enum.ts": "export const a = 1;\nexport enum Colour { Red }",
  "throws.mjs": "throw new Error('boom');",
  "exits-0.mjs": "process.exit(0);",
  "exits-3.mjs": "process.exit(3);",
  "stuck.mjs": "await new Promise(() => {});",
  "waits.mjs": "setInterval(() => {}, 60_000); await new Promise(() => {});",
  "loops.mjs": "for (;;) {}",
  "marks.mjs":
    'import { writeFileSync } from "node:fs"; writeFileSync("loading", ""); setInterval(() => {}, 60_000); await new Promise(() => {});',
  "syntax.mjs": "export const a = ;",
  "input.json": '{ "text": "from a file" }',
  "broken.json": '{ "text": ',
  "one.jsonl": '{ "text": "only" }\n\n',
  "two.jsonl": '{ "text": "a" }\n{ "text": "b" }\n',
  "article.txt": "plain text",
  "folder/file.txt": "",
};

beforeAll(() => {
  mkdirSync(join(cwd, "folder"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text);
  writeFileSync(join(cwd, "latin1.txt"), Buffer.from([0x63, 0x61, 0x66, 0xe9]));
  writeFileSync(join(cwd, "little.txt"), "hello", "utf16le");
  writeFileSync(join(cwd, "big.txt"), Buffer.from("hello", "utf16le").swap16());
  writeFileSync(join(cwd, "marked.txt"), "\ufeffhello", "utf16le");
  writeFileSync(join(cwd, "nul.txt"), "hello\0wo");
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

/** With what Node.js compiled kept between the calls: they are many, and most of each is its start. */
const env = {
  ...process.env,
  NO_COLOR: "1",
  NODE_OPTIONS: "",
  NODE_COMPILE_CACHE: join(scratch, "compile-cache"),
};

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Calling {
  readonly stdin?: string;
  readonly keepStdinOpen?: boolean;
  readonly started?: (child: ChildProcess) => void;
  /** Called with the process when standard error has a word. */
  readonly on?: { readonly word: string; readonly act: (child: ChildProcess) => void };
}

/** Calls the command in a process of its own. */
function atomic(
  args: readonly string[],
  { stdin, keepStdinOpen, started, on }: Calling = {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--conditions=@atomic-agents/source", program, ...args], {
      cwd,
      env,
      timeout: 100_000,
      killSignal: "SIGKILL",
    });
    const beganMs = performance.now();
    let stdout = "";
    let stderr = "";
    let acted = false;
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      stdout += chunk;
    });
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      stderr += chunk;
      if (on === undefined || acted || !stderr.includes(on.word)) return;
      acted = true;
      on.act(child);
    });
    child.once("error", reject);
    child.once("close", (code, signal) => {
      if (signal === null || signal === "SIGINT") return resolve({ code, signal, stdout, stderr });
      // It hung, or broke down: nothing here asks for that.
      const seconds = ((performance.now() - beganMs) / 1_000).toFixed(1);
      const said = JSON.stringify({ stdout, stderr });
      reject(
        new Error(`atomic ${args.join(" ")}: ended by ${signal} after ${seconds} s; it had said ${said}`),
      );
    });
    // The command may end without reading it.
    child.stdin.on("error", () => {});
    if (keepStdinOpen !== true) child.stdin.end(stdin ?? "");
    started?.(child);
  });
}

/** A call whose words have no spaces. */
const words = (line: string) => line.split(" ").filter((word) => word !== "");

describe.concurrent("results", () => {
  it.each([
    ["run ./agents.mjs#echo hello", '{"text":"hello"}\n'],
    ["run ./agents.mjs#echo --input input.json", '{"text":"from a file"}\n'],
    ["run ./agents.mjs#echo --input one.jsonl", '{"text":"only"}\n'],
    ["run ./agents.mjs#echo -i article.txt", '{"text":"plain text"}\n'],
    ['run ./agents.mjs#echo --input {"text":"inline"}', '{"text":"inline"}\n'],
    ['run ./agents.mjs#echo {"text":"inline"}', '{"text":"inline"}\n'],
    ['run ./agents.mjs#echo {"other":1}', '{"text":"{\\"other\\":1}"}\n'],
    ["run ./agents.mjs#echo --set text=set", '{"text":"set"}\n'],
    ["run ./agents.mjs#echo hello -s text=over", '{"text":"over"}\n'],
    ["run ./agents.mjs#echo -- -dash", '{"text":"-dash"}\n'],
    ["run ./agents.mjs#upper hi -f text", "HI\n"],
    ["run ./agents.mjs#upper 5 --json", '"5"\n'],
    ["run ./agents.mjs#add --set a=2 --set b=3", "5\n"],
    ['run ./agents.mjs#add {"a":2}', "3\n"],
    ["run ./agents.mjs#same 5", "5\n"],
    ["run ./agents.mjs#same --input 5", "5\n"],
    ["run ./agents.mjs#same --input [1,2] -f jsonl", "1\n2\n"],
    ["run ./agents.mjs#same --set a.b.c=1 --set a.d=x", '{"a":{"b":{"c":1},"d":"x"}}\n'],
    ["run ./agents.mjs#rows --input {} -f csv", 'a,b,c\n1,"x,""y""",\n,"two\nlines",[1]\n'],
    ["run ./agents.mjs#rows --input {} -f table", 'a  b          c\n1  x,"y"\n   two lines  [1]\n'],
    ["run ./agents.mjs#echo hello -f table", "text  hello\n"],
    ["run ./agents.mjs#echo hello -f text", "text: hello\n"],
    ["--json run ./agents.mjs#chain hello", '{"text":"hello"}\n'],
    ["run ./typed.ts hello", '"hello"\n'],
  ])("atomic %s", async (line, expected) => {
    const { code, stdout } = await atomic(words(line));
    expect(stdout).toBe(expected);
    expect(code).toBe(0);
  });

  it("keep what agents and modules say out of standard output", async () => {
    const { stdout, stderr } = await atomic(words("run ./agents.mjs#echo hi --log-level info"));
    expect(stdout).toBe('{"text":"hi"}\n');
    expect(stderr).toContain("said at import");
    expect(stderr).toContain("said by the agent");
    expect(stderr).toContain('"message":"echoing"');
  });

  it("come with nothing on standard error unless asked", async () => {
    expect((await atomic(words("run ./typed.ts hi"))).stderr).toBe("");
    const { stderr } = await atomic(words("run ./agents.mjs#chain hi --verbose"));
    expect(stderr).toMatch(/first begins\n[^]*parallel\/a ends\n[^]*run ends: success\n$/);
  });

  it("are read from standard input: text, or JSON", async () => {
    const args = words("run ./agents.mjs#echo --input -");
    expect((await atomic(args, { stdin: "some text" })).stdout).toBe('{"text":"some text"}\n');
    expect((await atomic(args, { stdin: '\uFEFF{ "text": "json" }\n' })).stdout).toBe('{"text":"json"}\n');
    const { stdout } = await atomic(words("process-text --operation language --file - --json"), {
      stdin: "This is a text in the English language, as anyone can see.",
    });
    expect(JSON.parse(stdout)).toMatchObject({ result: { operation: "language", language: "en" } });
  });

  it("go to files, in the form that their names ask for", async () => {
    for (const [name, expected] of [
      ["result.json", '{\n  "text": "hi"\n}\n'],
      ["result.csv", "text\nhi\n"],
      ["result.txt", "text: hi\n"],
    ] as const) {
      const { code, stdout } = await atomic(["run", "./agents.mjs#echo", "hi", "--output", name]);
      expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
      expect(readFileSync(join(cwd, name), "utf8")).toBe(expected);
    }
    expect(readdirSync(cwd).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  it("replace what a link leads to, not the link, and leave devices alone", async () => {
    writeFileSync(join(cwd, "folder/target.json"), "old");
    symlinkSync(join(cwd, "folder/target.json"), join(cwd, "link.json"));
    await atomic(words("run ./agents.mjs#echo hi -o link.json"));
    expect(readFileSync(join(cwd, "folder/target.json"), "utf8")).toContain("hi");
    expect((await atomic(words("run ./agents.mjs#echo hi -o /dev/null"))).code).toBe(0);
    expect(existsSync("/dev/null")).toBe(true);
  });

  it("are not written when the run fails", async () => {
    writeFileSync(join(cwd, "kept.json"), "old");
    expect((await atomic(words("run ./agents.mjs#fails hi -o kept.json"))).code).toBe(1);
    expect(readFileSync(join(cwd, "kept.json"), "utf8")).toBe("old");
  });

  it("may be read in part", async () => {
    const child = spawn(
      process.execPath,
      ["--conditions=@atomic-agents/source", program, "run", "./agents.mjs#long", "hi", "-f", "text"],
      { cwd, env, timeout: 100_000 },
    );
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      stderr += chunk;
    });
    child.stdout.once("data", () => child.stdout.destroy());
    const code = await new Promise((resolve) => {
      child.once("close", resolve);
    });
    expect(code).toBe(0);
    expect(stderr).toBe("said at import\n");
  });
});

describe.concurrent("built-in agents", () => {
  it("are listed", async () => {
    const { code, stdout, stderr } = await atomic(["list"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining("atomic init") });
    expect(stdout).toMatch(/^Built in\n +NAME +TYPE +LAST RUN +DESCRIPTION +CAPABILITIES\n/);
    expect(stdout).toMatch(/^. +text-processor +agent .* +text, summarization, /m);
    const listed = JSON.parse((await atomic(["list", "--json"])).stdout) as readonly {
      readonly name: string;
    }[];
    expect(listed.map(({ name }) => name)).toContain("summarize");
  });

  it("are described, for people and for programs", async () => {
    const { stdout } = await atomic(["describe", "text-processor"]);
    expect(stdout).toMatch(/^text-processor 1\.0\.0 \(agent\)\n/);
    expect(stdout).toMatch(/^ {2}content +string +Text to process/m);
    expect(stdout).toMatch(/^ {4}maxSentences\? +integer +at least 1/m);
    const description = JSON.parse(
      (await atomic(["describe", "./agents.mjs#chain", "--json"])).stdout,
    ) as unknown;
    expect(description).toMatchObject({ name: "chain", kind: "pipeline", input: { type: "object" } });
    expect((await atomic(["describe", "./agents.mjs#chain"])).stdout).toContain("  first: echo\n");
  });

  it("are compared with one before them, and 0 is the exit code whatever the verdict", async () => {
    const never = await atomic(["describe", "./agents.mjs#add", "--fits-after", "./agents.mjs#wrong"]);
    expect(never.code).toBe(0);
    expect(never.stdout).toBe(
      "add after wrong: never\n  why:     a: expected number, got nothing\n  example: { text: 'a' }\n",
    );
    const sometimes = await atomic(
      words("describe ./agents.mjs#picky --fits-after ./agents.mjs#wrong --json"),
    );
    expect(sometimes.code).toBe(0);
    expect(JSON.parse(sometimes.stdout)).toMatchObject({
      agent: "picky",
      after: "wrong",
      verdict: "sometimes",
    });
    const wrong = await atomic(words("describe ./agents.mjs#add --fits-after ./agents.mjs#nope"));
    expect(wrong).toMatchObject({ code: 2, stdout: "" });
    expect(wrong.stderr).toContain('no export "nope"');
  });

  it("process text", async () => {
    const { code, stdout } = await atomic([
      ...words("process-text --operation extract_keywords --max-keywords 1 --json --text"),
      "Atomic agents are small typed agents.",
    ]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      result: { operation: "extract_keywords", keywords: [expect.anything()] },
      metadata: { operation: "extract_keywords", executionCount: 1 },
    });
  });

  it("have their operations in the help of process-text", async () => {
    const { stdout } = await atomic(["describe", "text-processor", "--json"]);
    const { input } = JSON.parse(stdout) as {
      readonly input: { readonly properties: Record<string, unknown> };
    };
    const { textOperations } = await import("./commands/process-text-command.ts");
    expect(input.properties["operation"]).toMatchObject({ enum: textOperations });
  });
});

describe.concurrent("help", () => {
  it.each([
    ["--help", /Usage: atomic [^]*Exit codes: 0 done/],
    ["help", /Usage: atomic /],
    ["help run", /Usage: atomic run [^]*Examples:\n[^]* {2}atomic run summarize --input/],
    ["run --help", /Usage: atomic run [^]*--log-level/],
    ["process-text -h", /--max-keywords <count>/],
    ["dev --help", /Usage: atomic dev [^]*--write[^]*Examples:\n {2}atomic dev tickets/],
    ["list --help", /Examples:\n {2}atomic list/],
    ["init --help", /flow +an agent, and a flow [^]*Examples:\n {2}atomic init tickets/],
    ["help create agent", /Usage: atomic create agent [^]*Types:\n {2}function +its work/],
    ["describe --help", /--fits-after <agent>[^]*Examples:\n {2}atomic describe/],
    ["--version", /^\d+\.\d+\.\d+\n$/],
  ])("atomic %s", async (line, expected) => {
    const { code, stdout, stderr } = await atomic(words(line));
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(expected);
  });
});

describe.concurrent("wrong usage and input end with 2", () => {
  it.each([
    ["", /Usage: atomic /],
    ["rnu x", /unknown command 'rnu'\n.*Did you mean run\?/],
    ["summarize x", /unknown command 'summarize'\n.*atomic run summarize/],
    [
      "help nope",
      /no command "nope"\n.*run, serve, call, chat, check, dev, infer, runs, dead-letters, redrive, process-text, list, describe/,
    ],
    ["create", /atomic create needs a command\n.*agent, pipeline, flow\n.*atomic create --help/],
    ["create agnt x", /unknown command 'agnt'\n.*Did you mean agent\?/],
    ["create flow x", /missing required argument 'agents'\n.*names of agents.*\n.*atomic create flow --help/],
    ["--nope", /unknown option '--nope'\n.*atomic --help/],
    ["run", /missing required argument 'name'\n.*expected: a flow's name .*\n.*atomic run --help/],
    ["run ./agents.mjs#echo --frmat json", /unknown option '--frmat'\n.*Did you mean --format\?/],
    ["run ./agents.mjs#echo -x", /unknown option '-x'\n.*put -- before a text/],
    ["run ./agents.mjs#echo two words", /too many arguments.*\n.*spaces in quotes/],
    [
      "run ./agents.mjs#echo x --format xml",
      /argument 'xml' is invalid. Allowed choices are json, jsonl, csv/,
    ],
    ["run ./agents.mjs#echo x --format", /option '-f, --format <format>' argument missing/],
    [
      "run ./agents.mjs#echo x --timeout 0",
      /'0' is invalid. Expected a whole number of milliseconds from 1 to/,
    ],
    ["run ./agents.mjs#echo x --timeout -5", /'-5' is invalid/],
    ["run ./agents.mjs#echo x --timeout NaN", /'NaN' is invalid/],
    ["run ./agents.mjs#echo x --timeout 1e9", /'1e9' is invalid/],
    ["run ./agents.mjs#echo x --timeout 99999999999", /is invalid/],
    ["run ./agents.mjs#echo x --load-timeout soon", /'soon' is invalid/],
    ["run ./agents.mjs#echo x --log-level loud", /'loud' is invalid. Allowed choices are debug/],
    ["run ./agents.mjs#echo x --json --format csv", /--json and --format say different things/],
    [
      "run ./agents.mjs#echo x --output folder",
      /folder is a folder\n.*where:.*--output\n.*expected:.*\n.*got:.*folder\n.*--output folder\/result\.json/,
    ],
    ["run ./agents.mjs#echo x --output article.txt/x.json", /article\.txt is no folder but a file\n/],
    [
      "run ./agents.mjs#echo x --output nowhere/x.json",
      /There is no folder nowhere\n.*where:.*--output\n.*\n.*got:.*nowhere\/x\.json\n.*mkdir -p nowhere/,
    ],
    ["run ./agents.mjs#echo x --input input.json", /given twice: as text, and with --input/],
    [
      "run ./agents.mjs#echo",
      /Agent "echo" needs an input\n.*expected:.*\n.*got:.*none\n.*atomic describe \.\/agents\.mjs#echo/,
    ],
    ["run ./agents.mjs#echo --input nowhere.json", /There is no file "nowhere\.json"/],
    ["run ./agents.mjs#echo --input folder", /Cannot read folder: it is a folder[^]*one of the files in it/],
    ["run ./agents.mjs#echo --input broken.json", /broken\.json is not JSON: [^]*got: /],
    [
      "run ./agents.mjs#echo --input {'text':1}",
      /--input is not JSON: [^]*got: +"\{'text':1\}"[^]*double quotes/,
    ],
    ["run ./agents.mjs#echo --input two.jsonl", /two\.jsonl has 2 records; a run takes one/],
    ["run ./agents.mjs#echo --input latin1.txt", /latin1\.txt is not UTF-8 text/],
    [
      "run ./agents.mjs#echo --input little.txt",
      /little\.txt looks like UTF-16 text[^]*iconv -f UTF-16LE -t UTF-8/,
    ],
    [
      "run ./agents.mjs#echo --input big.txt",
      /big\.txt looks like UTF-16 text[^]*iconv -f UTF-16BE -t UTF-8/,
    ],
    [
      "run ./agents.mjs#echo --input marked.txt",
      /marked\.txt looks like UTF-16 text[^]*iconv -f UTF-16 -t UTF-8/,
    ],
    ["run ./agents.mjs#echo --input nul.txt", /nul\.txt has a NUL byte[^]*byte 6 of 8/],
    ['run ./agents.mjs#echo --input {"text"', /--input is not JSON: /],
    ["run ./agents.mjs#add hello", /takes no plain text, and the text is not JSON.*\n.*JSON\n.*"hello"/],
    ["run ./agents.mjs#echo --set text", /"text" sets nothing\n.*--set\n.*key=value/],
    ["run ./agents.mjs#echo --set =1", /"=1" sets nothing/],
    ["run ./agents.mjs#echo --set a..b=1", /"a\.\.b=1" sets nothing/],
    ["run ./agents.mjs#echo --set __proto__.x=1", /"__proto__" is refused/],
    ["run ./agents.mjs#same --set a=1 --set a.b=2", /"b" cannot be set in a\n.*\n.*\n.*a number/],
    ["run ./agents.mjs#same [1] --set 5=1", /"5" is no place in the input\n.*\n.*from 0 to 1/],
    [
      "run ./agents.mjs#add --set a=x",
      /VALIDATION_INPUT Agent "add" does not take this input: a: .*got string "x"/,
    ],
    [
      "run ./agents.mjs#picky toolong",
      /VALIDATION_INPUT.*\n.*agent picky\n.*atomic describe \.\/agents\.mjs#picky/,
    ],
    ["run text-procesor x", /no built-in agent "text-procesor"\n.*\n.*\n.*Did you mean "text-processor"\?/],
    ["run frobnicate x", /no built-in agent "frobnicate"\n.*one of analyze-text/],
    ["run ./agents.mjs x", /it exports \d+ agents: .*\n.*\n.*\n.*Name one, such as \.\/agents\.mjs#add or/],
    ["run ./agents.mjs#ehco x", /no export "ehco"; .*\n.*\n.*\n.*Did you mean "echo"\?/],
    ["run ./agents.mjs#notAgent x", /"notAgent" is no agent but an object/],
    ["run ./agnets.mjs#echo x", /there is no file .*agnets\.mjs\n.*\n.*\n.*Did you mean "agents\.mjs"\?/],
    ["run ../outside.mjs x", /lies outside of/],
    ["run node:fs x", /"node:" references are refused/],
    ["run data:text/javascript,1 x", /"data:" references are refused/],
    ["run http://localhost/a.js x", /"http:" references are refused/],
    ["describe", /missing required argument 'agent'/],
    ["describe nothing-like-it", /no built-in agent/],
    ["list extra", /too many arguments for 'list'.*\n +try: +atomic list --help\n/],
    ["run ./agents.mjs#echo x --timeout 5m", /Expected a whole number of milliseconds .*: 5m is 300000\./],
    [
      "run ./agents.mjs#echo x --model nope/x",
      /no model "nope\/x"\n +where: +--model\n[^]*endpoints of models/,
    ],
    ["check folder", /folder is a folder, and no flow\n[^]*atomic check alone/],
    ["process-text --text x", /required option '--operation <operation>' not specified/],
    ["process-text --operation sentiment", /There is no text to process\n.*--text/],
    ["process-text --operation sentiment --text a --file article.txt", /The text was given twice/],
    [
      "process-text --operation sumarize --text x",
      /'sumarize' is invalid. Allowed choices are summarize, extract_keywords/,
    ],
    [
      "process-text --operaton summarize --text x",
      /unknown option '--operaton', and required option '--operation/,
    ],
    ["check", /no project in .*, nor in a folder above\n.*atomic\.yaml, or with flow files\n.*atomic init/],
    ["process-text --operation sentiment lovely", /too many arguments.*\n.*The text is given with --text\./],
    [
      "process-text --operation sentiment --text x --max-sentences 2",
      /^error: --max-sentences belongs to the operation summarize, and sentiment has no use for it\n {2}where: {4}--max-sentences\n/,
    ],
    [
      "process-text --operation summarize --text x --max-keywords 2",
      /^error: --max-keywords belongs to the operation extract_keywords, and summarize has no use for it\n/,
    ],
    ["process-text --text --operaton", /error: required option '--operation/],
    [
      "process-text --operation summarize --text x --max-sentences many",
      /'many' is invalid. Expected a whole number/,
    ],
    [
      "process-text --operation summarize --text x --max-sentences 101",
      /VALIDATION_INPUT.*options\.maxSentences/,
    ],
    [
      "process-text --operation summarize --file nowhere.txt",
      /Cannot read nowhere\.txt: there is no such file\n.*a file that can be read/,
    ],
    ["process-text --operation summarize --file folder/file.txt", /VALIDATION_INPUT.*content/],
  ])("atomic %s", async (line, expected) => {
    const { code, stdout, stderr } = await atomic(words(line));
    expect(stderr).toMatch(expected);
    expect(stderr).not.toMatch(/^\s+at .*:\d+:\d+\)?$/m);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  });
});

describe.concurrent("modules that cannot be imported end with 2", () => {
  it.each(["waits.mjs", "loops.mjs"])("%s", async (name) => {
    const { code, stdout, stderr } = await atomic(["run", `./${name}`, "x", "--load-timeout", "1500"]);
    expect(stderr).toContain(`${name} was still being imported after 1500 ms`);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  });

  it.each([
    ["throws.mjs", /it threw while it was imported: boom \(.*throws\.mjs:1:\d+\)/],
    ["exits-0.mjs", /exits-0\.mjs ended the process with exit code 0/],
    ["exits-3.mjs", /exits-3\.mjs ended the process with exit code 3/],
    ["stuck.mjs", /stuck\.mjs awaits at its top level something that nothing will ever settle/],
    ["syntax.mjs", /a syntax error: Unexpected token ';' \(.*syntax\.mjs:1\)/],
    ["enum.ts", /TypeScript enum is not supported.*enum\.ts:2\)/],
  ])("%s", async (name, expected) => {
    const { code, stdout, stderr } = await atomic(["run", `./${name}`, "x"]);
    expect(stderr).toMatch(expected);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  });
});

describe.concurrent("runs that fail end with 1", () => {
  it.each([
    ["run ./agents.mjs#fails x", /EXECUTION Agent "fails" threw: no luck\n.*agent fails\n.*--verbose/],
    ["run ./agents.mjs#wrong x", /VALIDATION_OUTPUT .*text/],
    ["run ./agents.mjs#hang x --timeout 50", /TIMEOUT .*took longer than 50 ms[^]*--timeout/],
    ["run ./agents.mjs#inner toolong", /VALIDATION_INPUT Agent "picky" at stage "second"/],
    ["run ./agents.mjs#limited x", /CONFIG bad policy/],
    ["run ./agents.mjs#stray x", /begun, and that nobody waited for, failed: nobody waited\n.*--verbose/],
    ["run ./agents.mjs#rejects x", /begun, and that nobody waited for, failed: undefined\n/],
    ["run ./agents.mjs#quits x", /ended the process with exit code 0 before it gave a result/],
    ["run ./agents.mjs#bigint x", /cannot be written as JSON: deep\[0\] is a bigint/],
  ])("atomic %s", async (line, expected) => {
    const { code, stdout, stderr } = await atomic(words(line));
    expect(stderr).toMatch(expected);
    expect(stderr).not.toMatch(/^\s+at .*:\d+:\d+\)?$/m);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  });

  it("with the stack and the cause when more is asked for", async () => {
    const { stderr } = await atomic(words("run ./agents.mjs#fails x --verbose"));
    expect(stderr).toMatch(/caused by:\nError: no luck\n\s+at .*agents\.mjs/);
  });

  it("with a line of JSON for programs", async () => {
    for (const [line, exitCode, error] of [
      ["run ./agents.mjs#fails x --json", 1, { code: "EXECUTION", agent: "fails" }],
      [
        "run ./agents.mjs#add --set a=x --json",
        2,
        { code: "VALIDATION_INPUT", details: { issues: [{ path: "a" }] } },
      ],
      ["run ./loops.mjs --json --load-timeout 500", 2, { code: "CONFIG" }],
      ["--json rnu", 2, { code: "USAGE", hint: "Did you mean run?" }],
    ] as const) {
      const { code, stderr } = await atomic(words(line));
      expect(code).toBe(exitCode);
      const last = stderr.trimEnd().split("\n").at(-1) ?? "";
      expect(JSON.parse(last)).toMatchObject({ exitCode, error });
    }
  });
});

describe.concurrent("how a run went", () => {
  const linesOf = ({ stderr }: Ended) =>
    stderr
      .trimEnd()
      .split("\n")
      .filter((line) => !line.startsWith("said "));

  it("is shown by --trace, after the result, on standard error", async () => {
    const ended = await atomic(words("run ./agents.mjs#chain hello --trace"));
    expect(ended).toMatchObject({ code: 0, stdout: '{"text":"hello"}\n' });
    const lines = linesOf(ended);
    expect(lines.map((line) => line.replace(/[ █▏]+[\d.]+ m?s +/u, " "))).toEqual([
      "chain success",
      "  first success",
      "  parallel success",
      "    a success",
      "    b success",
      "  map success",
    ]);
    // Without a terminal it is as wide as terminals are, and has no colours.
    expect(lines.every((line) => line.length <= 80 && line.length > 60)).toBe(true);
    expect(ended.stderr).not.toContain("\u001b");
  });

  it("is shown of a run that fails, before what went wrong", async () => {
    const ended = await atomic(words("run ./agents.mjs#inner toolong --trace --metrics"));
    expect(ended).toMatchObject({ code: 1, stdout: "" });
    expect(linesOf(ended).join("\n")).toMatch(
      /^inner .* failed VALIDATION_INPUT\n {2}first .* success\n {2}second .* failed VALIDATION_INPUT\n\nSTAGE +COUNT +CALLS +ERRORS +MEAN +P50 +P95\nrun inner +1 +1 VALIDATION_INPUT .*\ninner\/first +1 +1 +0 .*\ninner\/second +1 +1 +1 VALIDATION_INPUT .*\nerror: VALIDATION_INPUT /,
    );
  });

  it("is shown of a run that is cancelled", async () => {
    const ended = await atomic(words("run ./agents.mjs#hang x --trace --metrics"), {
      on: { word: "ready", act: (child) => child.kill("SIGINT") },
    });
    expect(ended.code).toBe(130);
    expect(ended.stderr).toMatch(
      /hang .* cancelled\n {2}hang .* cancelled\n\nSTAGE [^]*hang\/hang +1 +1 +1 CANCELLED .*\ncancelled\n$/,
    );
  });

  it("is shown also where the result cannot be written", async () => {
    const ended = await atomic(words("run ./agents.mjs#bigint x --trace"));
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(
      /bigint .* success\n {2}bigint .* success\nerror: The result cannot be written/,
    );
  });

  it("is a line of JSON each for programs", async () => {
    const ended = await atomic(words("run ./agents.mjs#inner toolong --trace --metrics --json"));
    const [trace, metrics, error, ...others] = linesOf(ended).map((line) => JSON.parse(line) as unknown);
    expect(others).toEqual([]);
    expect(trace).toMatchObject({
      trace: {
        agent: "inner",
        status: "failed",
        code: "VALIDATION_INPUT",
        durationMs: expect.any(Number),
        stages: [
          { id: "first", agent: "echo", status: "success", attempts: 1, atMs: 0 },
          { id: "second", agent: "picky", status: "failed", code: "VALIDATION_INPUT" },
        ],
      },
    });
    expect(metrics).toMatchObject({
      metrics: {
        agents: { inner: { executions: 1, errors: { VALIDATION_INPUT: 1 } } },
        stages: { "inner/first": { attempts: 1, durations: { p95Ms: expect.any(Number) } } },
      },
    });
    expect(error).toMatchObject({ error: { code: "VALIDATION_INPUT" }, exitCode: 1 });
    const fine = await atomic(words("run ./agents.mjs#echo hi --metrics --json"));
    expect(fine.stdout).toBe('{"text":"hi"}\n');
    expect(linesOf(fine)).toHaveLength(1);
  });

  it("is not shown unless asked for", async () => {
    expect(linesOf(await atomic(words("run ./agents.mjs#chain hello")))).toEqual([]);
    expect((await atomic(words("run --help"))).stdout).toMatch(
      /--trace +of an agent: show .*[^]*--metrics +show /,
    );
  });
});

describe.concurrent("Ctrl-C", () => {
  const interrupt = { act: (child: ChildProcess) => child.kill("SIGINT") };

  it("cancels a run", async () => {
    const { code, stdout, stderr } = await atomic(words("run ./agents.mjs#hang x"), {
      on: { word: "ready", ...interrupt },
    });
    expect({ code, stdout }).toEqual({ code: 130, stdout: "" });
    expect(stderr).toMatch(/cancelled\n$/);
  });

  it("says so to programs", async () => {
    const { code, stderr } = await atomic(words("run ./agents.mjs#hang x --json"), {
      on: { word: "ready", ...interrupt },
    });
    expect(code).toBe(130);
    expect(JSON.parse(stderr.trimEnd().split("\n").at(-1) ?? "")).toEqual({
      error: { code: "CANCELLED", message: "cancelled" },
      exitCode: 130,
    });
  });

  it("ends the reading of standard input", async () => {
    const { code } = await atomic(words("run ./agents.mjs#echo --input -"), {
      keepStdinOpen: true,
      on: { word: "said at import", ...interrupt },
    });
    expect(code).toBe(130);
  });

  it("ends the loading of a module", async () => {
    // What is imported to be tried has no way to standard error, so it makes a file.
    const marker = join(cwd, "loading");
    const { code } = await atomic(words("run ./marks.mjs --verbose"), {
      started: (child) => {
        const timer = setInterval(() => {
          if (!existsSync(marker)) return;
          clearInterval(timer);
          child.kill("SIGINT");
        }, 20);
        child.once("exit", () => clearInterval(timer));
      },
    });
    expect(code).toBe(130);
  });

  it("ends with 143 for SIGTERM", async () => {
    const { code } = await atomic(words("run ./agents.mjs#hang x"), {
      on: { word: "ready", act: (child) => child.kill("SIGTERM") },
    });
    expect(code).toBe(143);
  });

  it("ends at once where a pipe is to be read that nobody writes to", async () => {
    execFileSync("mkfifo", [join(cwd, "silent.json")]);
    const { code, signal } = await atomic(words("run ./agents.mjs#echo --input silent.json"), {
      on: { word: "said at import", act: (child) => setTimeout(() => child.kill("SIGINT"), 300) },
    });
    expect({ code, signal }).toEqual({ code: 130, signal: null });
  });

  it("refuses a folder as standard input", async () => {
    const folder = openSync(join(cwd, "folder"), "r");
    const { status, stderr } = spawnSync(
      process.execPath,
      ["--conditions=@atomic-agents/source", program, "run", "summarize", "--input", "-"],
      { cwd, env, stdio: [folder, "pipe", "pipe"], encoding: "utf8", timeout: 100_000 },
    );
    closeSync(folder);
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: expect.stringMatching(/^error: Cannot read standard input: it is a folder\n/),
    });
  });

  it("reads a pipe to its end", async () => {
    execFileSync("mkfifo", [join(cwd, "told.json")]);
    const { code, stdout } = await atomic(words("run ./agents.mjs#echo --input told.json"), {
      on: {
        word: "said at import",
        act: () => {
          const writer = spawn("sh", ["-c", "printf '{\"text\":' > told.json; printf '\"a\"}' > told.json"], {
            cwd,
          });
          writer.unref();
        },
      },
    });
    expect({ code, stdout }).toEqual({ code: 0, stdout: '{"text":"a"}\n' });
  });

  it("ends the process the second time, whatever it waits for", async () => {
    // Opening a pipe that nobody reads never returns.
    execFileSync("sh", ["-c", 'mkfifo "$0"', join(cwd, "pipe.json")]);
    const { code, signal } = await atomic(words("run ./agents.mjs#echo x -o pipe.json"), {
      on: {
        word: "said by the agent",
        act: (child) => {
          const timer = setInterval(() => child.kill("SIGINT"), 300);
          child.once("exit", () => clearInterval(timer));
        },
      },
    });
    expect(signal === "SIGINT" || code === 130).toBe(true);
  });
});
