import { afterAll, describe, expect, it, vi } from "vitest";
import { makeFolder } from "./atomic-process.ts";
import { ticketsProject } from "./tickets-project.ts";

// Each test waits for some processes, which share the computer with other tests.
vi.setConfig({ testTimeout: 120_000 });

const source = `source:
  file: data/tickets.jsonl
  schema:
    type: object
    properties: { id: { type: integer }, text: { type: string } }
    required: [id]
`;

const folder = makeFolder({
  ...ticketsProject,
  "flows/colour.flow.yaml": `${source}stages:
  - filter: record.text == "a" && record.colour == "red"
  - agent: shuot
sink: out/colour.jsonl
`,
  "flows/maybe.flow.yaml": `${source}stages:
  - agent: shout
sink: out/maybe.jsonl
`,
  "sound/atomic.yaml": "name: sound\nprofiles:\n  production: { settings: { logLevel: error } }\n",
  "sound/copy.flow.yaml": "source: in.jsonl\nstages: []\nsink: out.jsonl\n",
  "sound/in.jsonl": "",
  "empty/.gitkeep": "",
});
afterAll(() => folder.remove());

describe.concurrent("atomic check", () => {
  it("says what is wrong, where, and what to try, and ends with 1", async () => {
    const { code, stdout, stderr } = await folder.atomic("check colour");
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
    expect(stdout).toMatch(/^flows\/colour\.flow\.yaml:8:\d+: (?:error|warning): .*colour.*\n/);
    expect(stdout).toMatch(
      /\n {2}8 \| {3}- filter: record\.text == "a" && record\.colour == "red"\n {4}\| {40,55}\^\n/,
    );
    expect(stdout).toMatch(
      /\nflows\/colour\.flow\.yaml:9:12: error: .*"shuot".*\n {2}9 \| {3}- agent: shuot\n {4}\| {12}\^\n {2}try: Did you mean "shout"\?\n/,
    );
    expect(stdout).toMatch(/\n\n\d errors?(?: and \d warnings?)? in 1 file\n$/);
  });

  it("says it to programs as a line of JSON", async () => {
    const { code, stdout } = await folder.atomic("check flows/colour.flow.yaml --json");
    expect(code).toBe(1);
    const told = JSON.parse(stdout) as { readonly errors: number; readonly problems: readonly object[] };
    expect(told.errors).toBeGreaterThan(0);
    expect(told.problems).toContainEqual(
      expect.objectContaining({
        severity: "error",
        code: "unknown-name",
        file: "flows/colour.flow.yaml",
        line: 9,
        column: 12,
      }),
    );
  });

  it("takes for an error under --strict what may fail", async () => {
    const loose = await folder.atomic("check maybe");
    expect(loose.code).toBe(0);
    expect(loose.stdout).toMatch(/: warning: [^]*\n\n\d warnings? in 1 file\n$/);
    const strict = await folder.atomic("check maybe --strict");
    expect(strict.code).toBe(1);
    expect(strict.stdout).toMatch(/: error: [^]*\n\n\d errors? in 1 file\n$/);
  });

  it("names files from where it is called, and ends with 0 where all is well", async () => {
    const above = await folder.shell("cd empty && atomic check colour");
    expect(above.code).toBe(1);
    expect(above.stdout).toMatch(/^\.\.\/flows\/colour\.flow\.yaml:8:/);
    const sound = await folder.shell("cd sound && atomic check && atomic check copy --profile production");
    expect(sound).toMatchObject({
      code: 0,
      stdout: "ok: 1 flow, 0 agents, 0 pipelines: no problems\nok: copy: no problems\n",
      stderr: "",
    });
    const json = await folder.shell("cd sound && atomic check --json");
    expect(JSON.parse(json.stdout)).toEqual({ problems: [], errors: 0, warnings: 0 });
  });
});
