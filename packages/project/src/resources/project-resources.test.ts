import { anything } from "@atomic-agents/contracts";
import { AtomicError, createResources, defineAgent, untyped } from "@atomic-agents/core";
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { DatabaseSync } from "node:sqlite";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { openProject } from "../project/open-project.ts";
import type { HttpClient } from "./http-client.ts";
import { projectResource } from "./project-resource.ts";

/** Within the workspace, so that modules in it find the packages. */
const scratch = join(import.meta.dirname, "../../../../out");
mkdirSync(scratch, { recursive: true });
const root = realpathSync(mkdtempSync(join(scratch, "resources-")));
afterAll(() => rmSync(root, { recursive: true }));

let count = 0;

function open(yaml: string, files: Readonly<Record<string, string>> = {}, environment = {}) {
  const directory = join(root, `p${++count}`);
  for (const [name, text] of Object.entries({ "atomic.yaml": yaml, ...files })) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
  return openProject({ directory, environment });
}

/** An agent that hands what it gets of a resource to a function. */
const using = <TValue>(name: string, use: (value: TValue) => unknown) =>
  untyped(
    defineAgent({
      name: "using",
      description: "Test.",
      input: anything(),
      output: anything(),
      execute: async (_input, ctx) => use(await ctx.use(projectResource<TValue>(name))),
    }),
  );

async function refusal(action: Promise<unknown>): Promise<AtomicError> {
  try {
    await action;
  } catch (error) {
    if (AtomicError.isInstance(error)) return error;
    throw error;
  }
  throw new Error("It did not fail.");
}

describe("sqlite", () => {
  test("is a database in a file of the project, closed with the set", async () => {
    const project = await open("resources:\n  db: { type: sqlite, file: data/deep/a.db }\n");
    const file = join(project.directory, "data/deep/a.db");
    const kept: DatabaseSync[] = [];
    const add = using<DatabaseSync>("db", (db) => {
      kept.push(db);
      db.exec("create table if not exists t (n integer)");
      db.prepare("insert into t values (?)").run(7);
      return db.prepare("select count(*) as n from t").get()?.["n"];
    });
    const resources = project.createResources();
    expect(existsSync(file)).toBe(false);
    expect([await add.run(1, { resources }), await add.run(1, { resources })]).toEqual([1, 2]);
    expect(resources.size).toBeGreaterThan(0);
    await resources.close();
    expect(kept.map(({ isOpen }) => isOpen)).toEqual([false, false]);
    expect(existsSync(file)).toBe(true);
  });

  test("in memory, for reading only, and not there", async () => {
    const project = await open(
      "resources:\n  memory: { type: sqlite, file: ':memory:' }\n  read: { type: sqlite, file: a.db, readOnly: true }\n",
    );
    await using<DatabaseSync>("memory", (db) => db.exec("create table t (n)")).run(1, {
      resources: project.createResources(),
    });
    const missing = await refusal(
      using<DatabaseSync>("read", () => 1).run(1, { resources: project.createResources() }),
    );
    expect([missing.code, missing.details]).toEqual(["RESOURCE", { resource: "read", phase: "bind" }]);
    const { DatabaseSync: Database } = await import("node:sqlite");
    new Database(join(project.directory, "a.db")).close();
    const refused = await refusal(
      using<DatabaseSync>("read", (db) => db.exec("create table t (n)")).run(1, {
        resources: project.createResources(),
      }),
    );
    expect(refused.message).toMatch(/readonly/);
  });
});

test("http is a client with the headers of the file", async () => {
  const server = createServer((request, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(
      JSON.stringify({ url: request.url, token: request.headers["x-token"], id: request.headers["x-id"] }),
    );
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  try {
    // A server that listens on a port has such an address.
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    const project = await open(
      "resources:\n  crm: { type: http, url: { env: CRM_URL }, headers: { x-token: { secretFile: token.txt }, x-id: plain } }\n",
      { "token.txt": "from-a-file\n" },
      { CRM_URL: url },
    );
    await using<HttpClient>("crm", async (crm) => {
      expect(await crm.get("users")).toEqual({ url: "/v1/users", token: "from-a-file", id: "plain" });
      // The address came as a secret.
      expect(crm.url).toBe("[secret CRM_URL]");
    }).run(1, { resources: project.createResources() });
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

describe("module", () => {
  const core = 'import { resource } from "@atomic-agents/core";\n';
  test("is what the module exports, or what its function makes of a config", async () => {
    const project = await open(
      "resources:\n  own: { type: module, use: ./r.ts#own }\n  made: { type: module, use: ./r.ts#make, config: { size: 2, key: { env: KEY } } }\n",
      {
        "r.ts": `${core}export const own = resource("own", { create: () => ({ n: 1 }) });
export const make = (config: { size: number; key: { reveal(): string } }) =>
  resource("made", { create: () => config.key.reveal().repeat(config.size) });`,
      },
      { KEY: "ab-cd-" },
    );
    const resources = project.createResources();
    expect(await using<{ n: number }>("own", ({ n }) => n).run(1, { resources })).toBe(1);
    expect(await using<string>("made", (text) => text).run(1, { resources })).toBe("ab-cd-ab-cd-");
    await resources.close();
  });

  test.each([
    ["no resource", "use: ./r.ts#number", "./r.ts#number is no resource but a number"],
    ["a function without a config", "use: ./r.ts#make", "./r.ts#make is no resource but a function"],
    ["a config for none", "use: ./r.ts#own, config: {}", "./r.ts#own is an object, and takes no config"],
    [
      "no such export",
      "use: ./r.ts#onw",
      'Cannot load a resource from "./r.ts#onw": it has no export "onw"; it exports make, number, own',
    ],
  ])("refused: %s", async (_what, use, message) => {
    const project = await open(`resources:\n  a: { type: module, ${use} }\n`, {
      "r.ts": `${core}export const own = resource("own", { create: () => 1 });\nexport const make = () => own;\nexport const number = 1;`,
    });
    expect((await refusal(project.resource("a"))).message).toBe(`atomic.yaml:2:27: ${message}`);
  });
});

describe("projectResource", () => {
  test("gives the same object for the same name, which a test can override", async () => {
    expect(projectResource("db")).toBe(projectResource("db"));
    const resources = createResources({ overrides: [[projectResource<number>("db"), 42]] });
    expect(await using<number>("db", (value) => value).run(1, { resources })).toBe(42);
  });

  test("is made once a set, whoever asks", async () => {
    const project = await open("resources:\n  counted: { type: module, use: ./r.ts#counted }\n", {
      "r.ts": `import { resource } from "@atomic-agents/core";
let made = 0;
export const counted = resource("counted", { create: () => ++made });`,
    });
    const agent = using<number>("counted", (value) => value);
    const resources = project.createResources();
    expect(await Promise.all([1, 2, 3].map((input) => agent.run(input, { resources })))).toEqual([1, 1, 1]);
    expect(await agent.run(1, { resources: project.createResources() })).toBe(2);
  });

  test("says what is missing", async () => {
    const alone = await refusal(using("db", () => 1).run(1));
    expect(alone.message).toContain("This run has no project, and so no resources of one");
    const project = await open("resources:\n  tickets: { type: sqlite, file: a.db }\n");
    const other = await refusal(using("tikets", () => 1).run(1, { resources: project.createResources() }));
    expect(other.message).toContain('The project has no resource "tikets"');
    const unset = await open("resources:\n  crm: { type: http, url: { env: NOT_SET_AT_ALL } }\n");
    const secret = await refusal(using("crm", () => 1).run(1, { resources: unset.createResources() }));
    expect(secret.message).toContain("atomic.yaml:2:27: The environment variable NOT_SET_AT_ALL is not set");
  });
});
