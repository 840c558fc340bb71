import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { checkProject } from "../check/check-project.ts";
import { formatProblem } from "../files/problem.ts";
import { ProjectError } from "../files/project-error.ts";
import { openProject } from "../project/open-project.ts";
import { loadFlow } from "./load-flow.ts";

// Modules are imported in processes of their own first.
vi.setConfig({ testTimeout: 120_000 });

/** Within the workspace, so that modules in it find the packages. */
const scratch = join(import.meta.dirname, "../../../../out");
mkdirSync(scratch, { recursive: true });
const folder = realpathSync(mkdtempSync(join(scratch, "check-secrets-")));
afterAll(() => rmSync(folder, { recursive: true }));

const files = {
  "atomic.yaml": `agents:
  asks: ./agents.ts#asks
  far: ./far.ts
  silent: ./agents.ts#silent
  configured: { use: ./agents.ts#configured, config: { keys: [{ env: API_KEY }] } }
pipelines:
  both: { stages: [silent, far] }
resources:
  crm:
    type: http
    url: { env: CRM_URL }
    headers: { authorization: { secretFile: secrets/crm.txt } }
  mail: { type: http, url: "https://example.com", headers: { a: { env: MAIL_TOKEN } } }
  never: { type: http, url: { env: NEVER_URL } }
`,
  "agents.ts": `import { defineAgent } from "@atomic-agents/core";
import { type HttpClient, projectResource } from "@atomic-agents/project";
import * as z from "zod";

const Ticket = z.object({ id: z.int() });
const like = { description: "An agent.", input: Ticket, output: Ticket };
const crm = () => projectResource<HttpClient>("crm");

export const asks = defineAgent({
  ...like,
  name: "asks",
  execute: async (ticket, ctx) => {
    await ctx.use(crm());
    return ticket;
  },
});
export const silent = defineAgent({ ...like, name: "silent", execute: (ticket) => ticket });
export const configured = () => silent;
`,
  "far.ts": `import { defineAgent } from "@atomic-agents/core";
import * as z from "zod";
import { mail } from "./lib/mail.ts";

const Ticket = z.object({ id: z.int() });
export default defineAgent({
  name: "far",
  description: "An agent.",
  input: Ticket,
  output: Ticket,
  execute: async (ticket, ctx) => {
    await ctx.use(mail);
    return ticket;
  },
});
`,
  "lib/mail.ts": `import { projectResource } from "@atomic-agents/project";
export { asks } from "../agents.ts";
export const mail = projectResource( 'mail' );
`,
  "data.jsonl": '{"id":1}\n{"id":2}\n',
  ...Object.fromEntries(
    ["asks", "silent", "both", "configured", "./agents.ts#asks"].map((agent) => [
      `flows/${agent.replace("./agents.ts#", "direct-")}.flow.yaml`,
      `source: data.jsonl\nstages: [{ agent: ${JSON.stringify(agent)}, onError: dead-letter }]\nsink: out/a.jsonl\n`,
    ]),
  ),
};

for (const [name, text] of Object.entries(files)) {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

const noUrl = "atomic.yaml:11:10: The environment variable CRM_URL is not set";
const noFile = 'atomic.yaml:12:31: The secret file "secrets/crm.txt" cannot be used: it is not there';
const noToken = "atomic.yaml:13:65: The environment variable MAIL_TOKEN is not set";
const noKey = "atomic.yaml:5:63: The environment variable API_KEY is not set";

async function errorsOf(flow: string, environment: Readonly<Record<string, string>> = {}) {
  const project = await openProject({ directory: folder, environment });
  try {
    await loadFlow(project, flow);
  } catch (error) {
    if (!ProjectError.isProjectError(error)) throw error;
    return error.problems
      .filter(({ severity }) => severity === "error")
      .map(({ hint: _hint, ...problem }) => formatProblem(problem));
  }
  return [];
}

describe("secrets that a flow needs", () => {
  it.each([
    ["asks", [noUrl, noFile]],
    ["direct-asks", [noUrl, noFile]],
    ["both", [noUrl, noFile, noToken]],
    ["configured", [noKey]],
    ["silent", []],
  ])("are there before it is run: %s", async (flow, errors) => {
    expect((await errorsOf(flow)).toSorted()).toEqual(errors.toSorted());
  });

  it("are not missed where they are", async () => {
    expect(await errorsOf("both", { CRM_URL: "https://example.com", MAIL_TOKEN: "t" })).toEqual([noFile]);
    expect(await errorsOf("configured", { API_KEY: "k" })).toEqual([]);
  });

  it("are warned of once when the project is checked", async () => {
    const problems = await checkProject(await openProject({ directory: folder, environment: {} }));
    const secrets = problems.filter(({ code }) => code === "secret");
    expect(new Set(secrets.map(({ severity }) => severity))).toEqual(new Set(["warning"]));
    expect(secrets.map(({ line }) => line)).toEqual([5, 11, 12, 13, 14]);
    expect(problems.filter(({ severity }) => severity === "error")).toEqual([]);
  });
});
