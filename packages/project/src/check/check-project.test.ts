import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, it, vi } from "vitest";
import { formatProblem } from "../files/problem.ts";
import { openProject } from "../project/open-project.ts";
import { checkProject } from "./check-project.ts";

/** Projects in which something is wrong, and what the check says of each: the texts that users see. */
interface BrokenProject {
  readonly name: string;
  /** Besides those that all have, or in their place. */
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  /** Links, and where they lead. */
  readonly links?: Readonly<Record<string, string>>;
  readonly options?: { readonly strict?: boolean; readonly flow?: string };
  /** `severity code file:line:column: message`, and what to try in the next line. */
  readonly says: string;
}

const agents = `import { defineAgent } from "@atomic-agents/core";
import * as z from "zod";

const Ticket = z.object({ id: z.int(), subject: z.string(), body: z.string() });
export const clean = defineAgent({
  name: "clean",
  description: "Gives a ticket as it is.",
  input: Ticket,
  output: Ticket,
  execute: (ticket) => ticket,
});
export const classify = defineAgent({
  name: "classify",
  description: "Finds a label for a text.",
  input: z.object({ text: z.string().min(1) }),
  output: z.object({ label: z.enum(["bug", "question"]), score: z.number() }),
  execute: () => ({ label: "bug", score: 1 }),
});
export const price = defineAgent({
  name: "price",
  description: "Names a price.",
  input: z.object({ id: z.int(), total: z.number() }),
  output: z.object({ id: z.int(), eur: z.number() }),
  execute: ({ id, total }) => ({ id, eur: total }),
});
export const notAnAgent = 5;
`;

const project = `name: tickets
agents:
  clean: ./agents.ts#clean
  classify: ./agents.ts#classify
  price: ./agents.ts#price
`;

/** Seven lines, to begin a flow file with. */
const source = `source:
  file: data/tickets.jsonl
  schema:
    type: object
    properties: { id: { type: integer }, subject: { type: string }, body: { type: string }, at: { type: string } }
    required: [id, subject, body]
    additionalProperties: false
`;

/** What all projects have. */
const commonFiles: Readonly<Record<string, string>> = {
  "agents.ts": agents,
  "data/tickets.jsonl": "{}\n",
  "data/prices.csv": "id,total\n1,2\n",
  "atomic.yaml": project,
};

const brokenProjects: readonly BrokenProject[] = [
  {
    name: "misspelt agents",
    files: {
      "five.ts": `export { clean, notAnAgent } from "./agents.ts";\n`,
      "atomic.yaml": `${project}  broken: ./agnets.ts#clean
  none: ./agents.ts#claen
  five: ./five.ts#notAnAgent
  tidy: sumarize
`,
      "flows/tickets.flow.yaml": `${source}stages:
  - claen
  - agent: clasify
    input: { text: record.body }
sink: out/tickets.jsonl
`,
    },
    says: `error path atomic.yaml:6:11: Cannot load an agent from "./agnets.ts#clean": there is no file <dir>/agnets.ts
  Did you mean "agents.ts"?
error load atomic.yaml:7:9: Cannot load an agent from "./agents.ts#claen": it has no export "claen"; it exports classify, clean, notAnAgent, price
  Did you mean "clean"?
error load atomic.yaml:8:9: Cannot load an agent from "./five.ts#notAnAgent": its export "notAnAgent" is no agent but a number
  Name one, such as ./five.ts#clean.
error unknown-name atomic.yaml:9:9: There is no built-in agent "sumarize"
  Did you mean "summarize"?
error unknown-name flows/tickets.flow.yaml:9:5: There is no agent or pipeline "claen"
  Did you mean "clean"?
error unknown-name flows/tickets.flow.yaml:10:12: There is no agent or pipeline "clasify"
  Did you mean "classify"?
`,
  },
  {
    name: "never fits",
    files: {
      "flows/tickets.flow.yaml": `${source}stages:
  - clean
  - classify
  - agent: price
    input: { id: record.label, total: record.score }
sink: out/tickets.jsonl
`,
    },
    says: `error fit flows/tickets.flow.yaml:10:5: The agent "classify" takes none of these records: text: expected string, got nothing
  It would refuse {"id":0,"subject":"","body":""}.
error fit flows/tickets.flow.yaml:12:18: The agent "price" takes none of these records: id: expected number, got string "bug"
  It would refuse {"id":"bug","total":0}.
`,
  },
  {
    name: "sometimes fits",
    files: {
      "flows/tickets.flow.yaml": `${source}stages:
  - clean
  - agent: classify
    input: { text: record.subject }
sink: out/tickets.jsonl
`,
    },
    says: `warning fit flows/tickets.flow.yaml:11:20: The agent "classify" does not take all of these records: text: expected at least 1 character, got string ""
  It would refuse {"text":""}, and take {"text":"a"}.
`,
  },
  {
    name: "sometimes fits, strict",
    files: {
      "flows/tickets.flow.yaml": `${source}stages:
  - clean
  - agent: classify
    input:
      text: record.subject
sink: out/tickets.jsonl
`,
    },
    options: { strict: true },
    says: `error fit flows/tickets.flow.yaml:12:13: The agent "classify" does not take all of these records: text: expected at least 1 character, got string ""
  It would refuse {"text":""}, and take {"text":"a"}.
`,
  },
  {
    name: "no schema",
    files: {
      "flows/tickets.flow.yaml": `source: data/tickets.jsonl
stages:
  - clean
  - filter: record.id > 3
sink: out/tickets.jsonl
`,
    },
    says: ``,
  },
  {
    name: "no schema, strict",
    files: {
      "flows/tickets.flow.yaml": `source: data/tickets.jsonl
stages:
  - clean
  - filter: record.id > 3
sink: out/tickets.jsonl
`,
    },
    options: { strict: true },
    says: `error fit flows/tickets.flow.yaml:3:5: Nothing is known of the records that agent "clean" is given, so that they need not fit
  Give the source a schema.
`,
  },
  {
    name: "expressions",
    files: {
      "flows/tickets.flow.yaml": `${source}stages:
  - filter: record.subjct != "a"
  - filter: record.subject
  - filter: "record.subject == 'x"
  - filter: >-
      record.subject == "a" &&
      record.bdoy == "b"
  - map: { id: record.id, when: record.at, size: 'size(record.subject) + "a"', n: lenght(record.subject) }
  - split: record.id
sink: out/tickets.jsonl
`,
    },
    says: `error expression flows/tickets.flow.yaml:9:20: record.subjct: there is no such field
  Did you mean subject?
error expression flows/tickets.flow.yaml:10:13: expected true or false, but this gives a text
  Write record.subject != "".
error expression flows/tickets.flow.yaml:11:32: the text has no closing quote
error expression flows/tickets.flow.yaml:14:14: record.bdoy: there is no such field
  Did you mean body?
error expression flows/tickets.flow.yaml:15:51: cannot add a whole number and a text
  Write string(size(record.subject)).
error expression flows/tickets.flow.yaml:15:83: lenght: there is no such function
  There are abs, all, bool, ceil, contains, double, endsWith, exists, exists_one, filter, floor, get, has, int, join, keys, lower, map, matches, max, min, number, replace, round, size, sort, split, startsWith, string, substring, sum, trim, type, upper.
`,
  },
  {
    name: "source files",
    files: {
      "flows/a.flow.yaml": `source: data/ticket.jsonl
sink: out/a.jsonl
`,
      "flows/b.flow.yaml": `source: { file: "data/*.jsonl.gz" }
sink: out/b.jsonl
`,
      "flows/c.flow.yaml": `source: data
sink: out/c.jsonl
`,
      "flows/d.flow.yaml": `source: dta/tickets.jsonl
sink: out/d.jsonl
`,
      "flows/e.flow.yaml": `source: data/tickets.dat
sink: out/e
`,
      "data/tickets.dat": `x`,
    },
    says: `error path flows/a.flow.yaml:1:9: There is no file "data/ticket.jsonl"
  Did you mean "data/tickets.jsonl"?
error path flows/b.flow.yaml:1:17: No file is found by "data/*.jsonl.gz"
  It is looked for in <dir>.
error path flows/c.flow.yaml:1:9: "data" is a folder, not a file
  All files in it are "data/*".
error path flows/d.flow.yaml:1:9: There is no file "dta/tickets.jsonl"
  There is no folder <dir>/dta either.
error wrong-value flows/e.flow.yaml:1:9: The format of "data/tickets.dat" cannot be told from its name
  Give the format: jsonl, json, csv or text.
error wrong-value flows/e.flow.yaml:2:7: The format of "out/e" cannot be told from its name
  Give the format: jsonl, json, csv or text.
`,
  },
  {
    name: "outputs",
    files: {
      "flows/tickets.flow.yaml": `${source}stages:
  - tee: out/tickets.jsonl
  - tee: ./data/../data/tickets.jsonl
  - tee: { stdout: true }
sink: { file: ./out/tickets.jsonl }
deadLetters: out/tickets.jsonl
`,
      "flows/two.flow.yaml": `source: out/tickets.jsonl
sink: out/two.jsonl
`,
      "flows/three.flow.yaml": `source: data/tickets.jsonl
sink: out/two.jsonl
`,
    },
    says: `error path flows/tickets.flow.yaml:10:10: "./data/../data/tickets.jsonl" is also what the flow reads
  Write to another file: what is read must not change meanwhile.
error path flows/tickets.flow.yaml:12:15: "./out/tickets.jsonl" is also written to from line 9
  Give each of them a file of its own.
error path flows/tickets.flow.yaml:13:14: "out/tickets.jsonl" is also written to from line 9
  Give each of them a file of its own.
warning path flows/two.flow.yaml:2:7: "out/two.jsonl" is also written by the flow "three"
  Only what the one writes that runs last is there in the end.
`,
  },
  {
    name: "a flow in the place of an agent",
    files: {
      "flows/one.flow.yaml": "source: data/tickets.jsonl\nsink: out/one.jsonl\n",
      "flows/two.flow.yaml": "source: data/tickets.jsonl\nstages: [one]\nsink: out/two.jsonl\n",
    },
    says: `error unknown-name flows/two.flow.yaml:2:10: "one" is a flow, and no agent
  A flow is no stage of another one: read what it writes, as a source.
`,
  },
  {
    name: "keys of a JSON Schema that are like keywords",
    files: {
      "flows/typed.flow.yaml": `source:
  file: data/tickets.jsonl
  schema:
    type: object
    propertys: { id: { type: integer } }
    properties:
      id: { typ: integer, x-typ: 1, example: 5 }
      typ: { enum: [{ typ: a }], items: { minimun: 1 } }
stages: [{ validate: { schema: ./own.json } }]
sink: out/typed.jsonl
`,
      "own.json": '{ "type": "object", "require": ["id"] }',
    },
    says: `warning unknown-key flows/typed.flow.yaml:5:5: "propertys" is no keyword of JSON Schema, and says nothing
  Did you mean "properties"?
warning unknown-key flows/typed.flow.yaml:7:13: "typ" is no keyword of JSON Schema, and says nothing
  Did you mean "type"?
warning unknown-key flows/typed.flow.yaml:8:43: "minimun" is no keyword of JSON Schema, and says nothing
  Did you mean "minimum"?
warning unknown-key own.json:1:21: "require" is no keyword of JSON Schema, and says nothing
  Did you mean "required"?
`,
  },
  {
    name: "a misspelt place of a secret",
    files: {
      "flows/sent.flow.yaml": `source: data/tickets.jsonl
sink: { http: "https://example.com", headers: { authorization: { evn: TOKEN } } }
`,
    },
    says: `error unknown-key flows/sent.flow.yaml:2:66: Unknown key "evn" in sink.headers.authorization
  Did you mean "env"?
`,
  },
  {
    name: "outputs over what there is",
    files: {
      "flows/all.flow.yaml": `source: data/*.jsonl
stages:
  - tee: data/all.jsonl
  - tee: { file: flows/all.flow.yaml, format: jsonl }
sink: { file: ./atomic.yaml, format: jsonl }
`,
    },
    says: `error path flows/all.flow.yaml:3:10: "data/all.jsonl" is also what the flow reads
  Write to another file: what is read must not change meanwhile.
error path flows/all.flow.yaml:4:18: "flows/all.flow.yaml" is a file of the project itself
  Write to another file.
error path flows/all.flow.yaml:5:15: "./atomic.yaml" is a file of the project itself
  Write to another file.
`,
  },
  {
    name: "outputs over the project's own files",
    files: {
      "atomic.yaml": `${project}resources:
  db: { type: sqlite, file: data/tickets.jsonl.db }
  crm: { type: http, url: "https://example.com", headers: { a: { secretFile: secrets/crm.txt } } }
settings: { runs: { path: state/runs } }
`,
      "secrets/crm.txt": "secret",
      "ticket.schema.json": "{}",
      "flows/other.flow.yaml": "source: data/prices.csv\nsink: out/other.jsonl\n",
      "flows/own.flow.yaml": `source: { file: data/tickets.jsonl, schema: ./ticket.schema.json }
stages:
  - tee: { file: ./out/../agents.ts, format: jsonl }
  - tee: atomic.yaml
  - tee: { file: flows/./other.flow.yaml, format: jsonl }
  - tee: package.json
  - tee: link/agents.ts
  - tee: .atomic/runs/01/run.jsonl
  - tee: state/runs/index.jsonl
  - tee: ticket.schema.json
  - tee: { file: data/tickets.jsonl.db, format: text }
  - tee: { file: secrets/crm.txt, format: text }
  - tee: node_modules/zod/data.jsonl
  - tee: Package.json
  - tee: linked.jsonl
  - tee: .atomic/notes.jsonl
  - tee: out/new.mjs
sink: out/.env.production
deadLetters: agents.ts
`,
      "flows/letters.flow.yaml": `source: data/tickets.jsonl
sink: out/letters.jsonl
deadLetters: ./data/../data/tickets.jsonl
`,
      "flows/more.flow.yaml": `source: data/prices.csv
sink: out/more.jsonl
deadLetters: out/../out/more.jsonl
`,
    },
    links: { link: ".", "linked.jsonl": "atomic.yaml" },
    says: `error path flows/letters.flow.yaml:3:14: "./data/../data/tickets.jsonl" is also what the flow reads
  Write to another file: what is read must not change meanwhile.
error path flows/more.flow.yaml:3:14: "out/../out/more.jsonl" is also written to from line 2
  Give each of them a file of its own.
error path flows/own.flow.yaml:3:18: "./out/../agents.ts" is a file of the project itself
  Such files hold code: give the output another ending, such as .jsonl.
error path flows/own.flow.yaml:4:10: "atomic.yaml" is a file of the project itself
  Write to another file.
error path flows/own.flow.yaml:5:18: "flows/./other.flow.yaml" is a file of the project itself
  Write to another file.
error path flows/own.flow.yaml:6:10: "package.json" is a file of the project itself
  Write to another file.
error path flows/own.flow.yaml:7:10: "link/agents.ts" is a file of the project itself
  Such files hold code: give the output another ending, such as .jsonl.
error path flows/own.flow.yaml:8:10: ".atomic/runs/01/run.jsonl" is a file of the project itself
  Runs are kept in .atomic/runs: write elsewhere.
error path flows/own.flow.yaml:9:10: "state/runs/index.jsonl" is a file of the project itself
  Runs are kept in state/runs: write elsewhere.
error path flows/own.flow.yaml:10:10: "ticket.schema.json" is a file of the project itself
  Write to another file.
error path flows/own.flow.yaml:11:18: "data/tickets.jsonl.db" is a file of the project itself
  Write to another file.
error path flows/own.flow.yaml:12:18: "secrets/crm.txt" is a file of the project itself
  Write to another file.
error path flows/own.flow.yaml:13:10: "node_modules/zod/data.jsonl" is a file of the project itself
  node_modules belongs to a tool: write to another folder.
error path flows/own.flow.yaml:14:10: "Package.json" is a file of the project itself
  Write to another file.
error path flows/own.flow.yaml:15:10: "linked.jsonl" is a file of the project itself
  Write to another file.
error path flows/own.flow.yaml:17:10: "out/new.mjs" is a file of the project itself
  Such files hold code: give the output another ending, such as .jsonl.
error path flows/own.flow.yaml:18:7: "out/.env.production" is a file of the project itself
  Write to another file.
error path flows/own.flow.yaml:19:14: "agents.ts" is a file of the project itself
  Such files hold code: give the output another ending, such as .jsonl.
`,
  },
  {
    name: "types of columns that there are not",
    files: {
      "flows/a.flow.yaml": "source: { file: data/prices.csv, types: { total: float } }\nsink: out/a.csv\n",
      "flows/b.flow.yaml": `source:
  file: data/prices.csv
  types: { id: Integer, total: money }
  delimiter: "::"
stages: [filter: record.total > 3]
sink: out/b.csv
`,
    },
    says: `error wrong-value flows/a.flow.yaml:1:50: source.types.total must be one of text, number, integer, boolean, json, got the text "float"
  Did you mean "number"?
error wrong-value flows/b.flow.yaml:3:16: source.types.id must be one of text, number, integer, boolean, json, got the text "Integer"
  Did you mean "integer"?
error wrong-value flows/b.flow.yaml:3:32: source.types.total must be one of text, number, integer, boolean, json, got the text "money"
error wrong-value flows/b.flow.yaml:4:14: source.delimiter must be one character, got the text "::"
`,
  },
  {
    name: "columns of a file, strict",
    files: {
      "data/sales-1.csv": "country,price,note\nDE,1,a\n",
      "data/sales-2.csv.gz": gzipSync("country,price\nFR,2\n"),
      "data/none.csv": "country,price\n",
      "flows/a.flow.yaml": `source: { file: data/sales-1.csv, types: { price: number } }
stages:
  - filter: record.country != "" && record.coutry != "x"
  - filter: record.price > 3
  - sort: { by: [prise] }
sink: out/a.csv
`,
      "flows/b.flow.yaml": `source: "data/sales-*"
stages:
  - filter: record.country == "DE"
  - filter: record.note == "a"
  - filter: has(record.note) && record.note == "b"
sink: out/b.csv
`,
      "flows/c.flow.yaml": `source: { file: data/sales-1.csv, schema: { properties: { conutry: { type: string } }, required: [conutry] } }
sink: out/c.csv
`,
      "flows/d.flow.yaml": `source: { file: data/sales-1.csv, schema: { required: [x], properties: { x: true } } }
sink: out/d.csv
`,
      "flows/g.flow.yaml": `source:
  file: data/sales-1.csv
  types: { price: number }
  schema: { type: object, properties: { country: { enum: [DE, FR] }, extra: { type: string } }, required: [country] }
stages: [filter: record.country == "ES" || record.note == "" || record.extra == "" || record.nte == ""]
sink: out/g.csv
`,
      "flows/h.flow.yaml": `source:
  stdin: true
  format: csv
  schema: { type: object, properties: { country: { enum: [DE, FR] }, extra: { type: string } }, required: [country] }
stages: [filter: record.country == "DE" || record.extra == ""]
sink: out/h.csv
`,
      "flows/i.flow.yaml": `source: data/sales-1.csv
stages:
  - validate: { schema: { properties: { country: { pattern: "^[A-Z]+$" }, note: { enum: [a, b] } } } }
  - filter: record.country != "" && record.price != "" && record.note == "a"
  - filter: record.nte == ""
sink: out/i.csv
`,
      "flows/e.flow.yaml": `source: data/none.csv
stages: [filter: record.anything == "a"]
sink: out/e.csv
`,
      "flows/f.flow.yaml": `source: out/a.csv
stages: [filter: record.anything == "a"]
sink: out/f.csv
`,
    },
    options: { strict: true },
    says: `error expression flows/a.flow.yaml:3:44: record.coutry: there is no such field
  Did you mean country?
error expression flows/a.flow.yaml:4:13: record.price may be null, and ">" takes a number
  Write get(record, "price", otherwise), or ask record.price != null before.
error expression flows/a.flow.yaml:5:18: record.prise: there is no such field
  Did you mean price?
error expression flows/b.flow.yaml:4:13: record.note may be missing
  Write get(record, "note", otherwise), or ask has(record.note) before.
error fit flows/c.flow.yaml:1:43: The schema takes no row of this CSV file: conutry: expected a value, got nothing
  Is conutry the column country? The columns there are: country, price, note.
error fit flows/d.flow.yaml:1:43: The schema takes no row of this CSV file: x: expected a value, got nothing
  The columns there are: country, price, note.
error expression flows/g.flow.yaml:5:94: record.nte: there is no such field
  Did you mean note?
error expression flows/h.flow.yaml:5:44: record.extra may be missing
  Write get(record, "extra", otherwise), or ask has(record.extra) before.
error expression flows/i.flow.yaml:5:20: record.nte: there is no such field
  Did you mean note?
`,
  },
  {
    name: "kinds of stages, and what they are given",
    files: {
      "atomic.yaml": `${project}  safe: { use: redact, config: { find: [email] } }
  shape: validate
pipelines:
  all: { stages: [clean, profile] }
`,
      "flows/kinds.flow.yaml": `${source}stages:
  - transform
  - validate
  - redact: { keys: [body], with: hash }
sink: out/kinds.jsonl
`,
      "flows/transform.flow.yaml": `${source}stages:
  - transform: { rename: { subjct: title } }
sink: out/transform.jsonl
`,
      "flows/validate.flow.yaml": `${source}stages:
  - validate: { schema: { type: object, properties: { id: { type: string } }, required: [id] } }
sink: out/validate.jsonl
`,
      "flows/redact.flow.yaml": `${source}stages:
  - redact: { keys: [boddy] }
sink: out/redact.jsonl
`,
      "flows/profile.flow.yaml": `${source}stages:
  - profile: { quantiles: [50] }
  - filter: record.id > 3
sink: out/profile.jsonl
`,
    },
    says: `error load atomic.yaml:6:32: The built-in agent "redact" takes no config
  It is a kind of stage of flow files, such as - redact: { find: [email, phone], keys: [password] }.
error unknown-name atomic.yaml:7:10: There is no built-in agent "validate"
  It is a kind of stage of flow files, such as - validate: { schema: ./ticket.schema.json }.
error unknown-name atomic.yaml:9:26: There is no agent or pipeline "profile"
  It is a kind of stage of flow files, such as - profile: { quantiles: [0.5, 0.99] }.
error unknown-name flows/kinds.flow.yaml:9:5: There is no agent or pipeline "transform"
  It is a kind of stage of flow files, such as - transform: { rename: { no: id }, cast: { id: integer } }.
error unknown-name flows/kinds.flow.yaml:10:5: There is no agent or pipeline "validate"
  It is a kind of stage of flow files, such as - validate: { schema: ./ticket.schema.json }.
error wrong-value flows/kinds.flow.yaml:11:13: redact: key must be a secret, for with: hash, got undefined
  Without a key anybody could hash all telephone numbers and compare. In a flow file: key: { env: NAME }.
error wrong-value flows/profile.flow.yaml:9:28: stages[0].profile.quantiles[0] must be a number from 0 to 1, got 50
error expression flows/redact.flow.yaml:9:22: there is no such field: boddy
  Did you mean "body"?
error expression flows/transform.flow.yaml:9:28: there is no such field: subjct
  Did you mean "subject"?
error fit flows/validate.flow.yaml:9:25: The schema takes none of these records: id: expected string, got number 0
  With mode: coerce numbers are made of texts, and texts of numbers.
`,
  },
  {
    name: "pass",
    files: {
      "flows/tickets.flow.yaml": `${source}stages:
  - { agent: clean, onError: pass }
  - agent: classify
    input: { text: record.subject + record.body + "x" }
    output: { id: record.id, total: output.score }
    onError: pass
  - filter: has(record.id)
  - price
sink: out/tickets.jsonl
`,
      "flows/raw.flow.yaml": `source: data/tickets.jsonl
stages:
  - { agent: clean, onError: pass }
  - clean
sink: out/raw.jsonl
`,
    },
    says: `error fit flows/raw.flow.yaml:4:5: Stage "clean" passes on records that failed, of which nothing is known, so that agent "clean" may not take them
  Give the source a schema, or use onError: drop or dead-letter there.
warning fit flows/tickets.flow.yaml:11:20: The agent "classify" does not take all of these records: text: expected at least 1 character, got string ""
  It would refuse {"text":""}, and take {"text":"a"}.
error fit flows/tickets.flow.yaml:15:5: Stage "classify" passes on records that failed, and agent "price" need not take them: total: expected number, got nothing
  Use onError: drop or dead-letter there, or make the agent "price" take both.
`,
  },
  {
    name: "asked before",
    files: {
      "flows/tickets.flow.yaml": `${source}stages:
  - map: { id: record.id, length: 'size(record.body) > 3 ? size(record.body) : null' }
  - filter: record.length != null
  - aggregate: { by: [id], calculate: { mean: { mean: length } } }
sink: out/asked.jsonl
`,
      "flows/raw.flow.yaml": `${source}stages:
  - map: { id: record.id, length: 'size(record.body) > 3 ? size(record.body) : null' }
  - filter: record.id != null
  - aggregate: { by: [id], calculate: { mean: { mean: length } } }
sink: out/raw.jsonl
`,
    },
    says: `warning expression flows/raw.flow.yaml:10:13: this is always true: record.id is never null
`,
  },
  {
    name: "figures",
    files: {
      "flows/tickets.flow.yaml": `${source}stages:
  - map: { id: record.id, words: size(record.body), mixed: "size(record.body) > 3 ? record.body : 1", parts: "split(record.body, ' ')" }
  - aggregate:
      by: [id]
      calculate:
        median: { quantile: words, at: 0.5 }
        wrong: { quantile: parts, at: 0.5 }
        doubted: { sum: mixed }
        both: { max: mixed }
        lists: { distinct: parts }
        least: { min: parts }
        listed: { count: parts }
        none: { count: wrds }
sink: out/tickets.jsonl
`,
      "flows/types.flow.yaml": `${source}stages:
  - aggregate:
      by: [id]
      calculate:
        first: { min: subject }
        last: { max: at }
        ats: { count: at }
        ids: { distinct: id }
        all: { count: true }
  - filter: record.first > "a" && record.ats >= 0 && record.ids == 1 && record.all > 0
  - filter: record.last > "2026"
  - aggregate: { by: [], calculate: { ids: { sum: ids }, mean: { mean: all } } }
  - filter: record.ids > 1 && record.mean > 1.5
sink: out/types.jsonl
`,
    },
    says: `error fit flows/tickets.flow.yaml:14:28: "parts" must be a number; here it is such as []
warning fit flows/tickets.flow.yaml:15:25: "mixed" must be a number; here it may be ""
warning fit flows/tickets.flow.yaml:16:22: "mixed" must be numbers only or texts only; here it may be both
  Make one of the two of it in a map before.
error fit flows/tickets.flow.yaml:17:28: "parts" must be a text, a number, true, false or null; here it is such as []
error fit flows/tickets.flow.yaml:18:23: "parts" must be a number or a text; here it is such as []
error expression flows/tickets.flow.yaml:20:24: record.wrds: there is no such field
  Did you mean words?
warning expression flows/types.flow.yaml:18:13: record.last may be null, and ">" takes a text
  Write get(record, "last", otherwise), or ask record.last != null before.
warning expression flows/types.flow.yaml:20:13: record.ids may be null, and ">" takes a number
  Write get(record, "ids", otherwise), or ask record.ids != null before.
warning expression flows/types.flow.yaml:20:31: record.mean may be null, and ">" takes a number
  Write get(record, "mean", otherwise), or ask record.mean != null before.
`,
  },
  {
    name: "keys",
    files: {
      "flows/tickets.flow.yaml": `${source}stages:
  - sort: { by: [subjct, { key: record.bdoy, order: desc }, 'size(record.subject)'] }
  - deduplicate: { by: [idd] }
  - map: { id: record.id, at: record.at, parts: "split(record.body, ' ')" }
  - sort: { by: [parts] }
  - aggregate:
      by: [at, record.id, lower(record.at)]
      calculate: { n: { count: true }, at: { count: true }, m: { mean: parts }, s: { sum: totl }, x: { max: size(record.at) } }
sink: out/tickets.jsonl
`,
    },
    says: `error expression flows/tickets.flow.yaml:9:18: record.subjct: there is no such field
  Did you mean subject?
error expression flows/tickets.flow.yaml:9:40: record.bdoy: there is no such field
  Did you mean body?
error expression flows/tickets.flow.yaml:10:25: record.idd: there is no such field
  Did you mean id?
warning expression flows/tickets.flow.yaml:11:31: record.at may be missing
  Write get(record, "at", otherwise), or ask has(record.at) before.
error fit flows/tickets.flow.yaml:12:18: "parts" must be a text, a number, true, false or null; here it is such as []
error expression flows/tickets.flow.yaml:14:27: An aggregate can only group by a key of the record, not an expression
  Compute it in a map before, and name the key that it has there.
error duplicate flows/tickets.flow.yaml:15:40: "at" is the name of a figure and of a key that is grouped by
  Give the figure another name.
error fit flows/tickets.flow.yaml:15:72: "parts" must be a number; here it is such as []
error expression flows/tickets.flow.yaml:15:91: record.totl: there is no such field
  There are id, at, parts.
error expression flows/tickets.flow.yaml:15:109: An aggregate can only calculate with a key of the record, not an expression
  Compute it in a map before, and name the key that it has there.
`,
  },
  {
    name: "rows",
    files: {
      "flows/tickets.flow.yaml": `${source}stages:
  - map: { id: record.id, words: "split(record.body, ' ')" }
sink: out/tickets.csv
`,
      "flows/prices.flow.yaml": `source:
  file: data/prices.csv
  schema:
    type: object
    properties: { id: { type: integer }, total: { type: number } }
    required: [id, total]
stages: [price]
sink: out/prices.csv
`,
      "flows/typed.flow.yaml": `source:
  file: data/prices.csv
  types: { id: integer, total: number }
stages: [price]
sink: out/typed.txt
`,
      "flows/columns.flow.yaml": `source:
  file: data/prices.csv
  types: { id: integer, totl: number }
sink: out/columns.jsonl
`,
      "flows/lines.flow.yaml": `source: { file: data/tickets.jsonl, format: text, types: { a: number } }
sink: out/lines.jsonl
`,
    },
    says: `error wrong-value flows/columns.flow.yaml:3:31: source.types must be the types of columns of the file (id, total), got "totl"
  The file is <dir>/data/prices.csv.
error wrong-value flows/lines.flow.yaml:1:58: fromFile: types must be left out for text, got a value of type object
  It is an option of csv.
error fit flows/prices.flow.yaml:4:5: The schema takes no row of this CSV file: id: expected integer, got string ""
  The fields of CSV are texts unless it is said what columns hold, such as types: { price: number }.
error fit flows/tickets.flow.yaml:10:7: These records cannot be rows of CSV: words: expected boolean or string or number or null, got empty array
  Make them flat by a map before, or write JSON Lines.
warning fit flows/typed.flow.yaml:4:10: The agent "price" does not take all of these records: id: expected number, got null
  It would refuse {"id":null,"total":0}, and take {"id":0,"total":0}.
error fit flows/typed.flow.yaml:5:7: These records cannot be lines of text: text: expected string, got nothing
  Make a text of them by a map before, such as map: record.name, or write JSON Lines.
`,
  },
  {
    name: "schemas",
    files: {
      "flows/a.flow.yaml": `source:
  file: data/tickets.jsonl
  schema:
    type: object
    properties:
      id: { type: integr }
stages: [clean]
sink: out/a.jsonl
`,
      "flows/b.flow.yaml": `source: { file: data/tickets.jsonl, schema: ./ticket.schema.json }
sink: out/b.jsonl
`,
      "flows/c.flow.yaml": `source: { file: data/tickets.jsonl, schema: ./no.schema.json }
sink: out/c.jsonl
`,
      "flows/d.flow.yaml": `source: { file: data/tickets.jsonl, schema: "./agents.ts#notAnAgent" }
sink: out/d.jsonl
`,
      "ticket.schema.json": `{
  "type": "object",
  "properties": { "id": { "$ref": "#/$defs/id" } }
}
`,
    },
    says: `error wrong-value flows/a.flow.yaml:6:19: The JSON Schema is faulty at #/properties/id/type: must be equal to one of the allowed values (array, boolean, integer, null, number, object, string)
  See the keyword in https://json-schema.org/draft/2020-12/json-schema-validation.
error path flows/c.flow.yaml:1:45: "./no.schema.json": there is no such file
error load flows/d.flow.yaml:1:45: ./agents.ts#notAnAgent is no schema
  Export a schema of Zod 4, ArkType or Valibot, or one made by fromJsonSchema.
error wrong-value ticket.schema.json:3:35: The JSON Schema is faulty at #/properties/id/$ref: there is nothing at #/$defs/id
  Only what is in the schema itself can be referred to: put it under $defs, and write #/$defs/name.
`,
  },
  {
    name: "modules",
    files: {
      "flows/a.flow.yaml": `source: { module: "./agents.ts#clean" }
sink: { module: "./agents.ts#clean" }
`,
      "flows/b.flow.yaml": `source: { module: ./throws.ts }
sink: { module: ./waits.ts }
`,
      "throws.ts": `throw new Error('no database');
`,
      "waits.ts": `await new Promise(() => {});
`,
    },
    says: `error load flows/a.flow.yaml:1:19: ./agents.ts#clean is no source
  Make one with defineSource.
error load flows/a.flow.yaml:2:17: ./agents.ts#clean is no sink
  Make one with defineSink.
error load flows/b.flow.yaml:1:19: Cannot load a value from "./throws.ts": it threw while it was imported: no database (<dir>/throws.ts:1:7)
  An agent's module only defines; work that can fail belongs into the agent's code.
error load flows/b.flow.yaml:2:17: Cannot load a value from "./waits.ts": waits.ts awaits at its top level something that nothing will ever settle (<dir>/waits.ts)
  Look for a promise that is never resolved; move the wait into the agent's code.
`,
  },
  {
    name: "paths",
    files: {
      "flows/a.flow.yaml": `source: ../elsewhere.jsonl
sink: /etc/tickets.jsonl
deadLetters: ../letters.jsonl
`,
    },
    says: `error path flows/a.flow.yaml:1:9: The input "../elsewhere.jsonl" lies outside of the project
  Flows read within the project, and in folders that its settings name: inputFolders: [<above>].
error path flows/a.flow.yaml:2:7: The output "/etc/tickets.jsonl" lies outside of the project
  Flows write within the project only; copy or link to it from there.
error path flows/a.flow.yaml:3:14: The output "../letters.jsonl" lies outside of the project
  Flows write within the project only; copy or link to it from there.
`,
  },
  {
    name: "resources",
    files: {
      "atomic.yaml": `${project}resources:
  crm: { type: http, url: "https://example.com", headers: { authorization: { env: CRM_TOKEN_X } } }
  own: { type: module, use: ./agents.ts#clean }
`,
      "flows/a.flow.yaml": `source: { http: "https://example.com/a", headers: { authorization: { env: CRM_TOKEN_X } } }
sink: { http: example }
`,
    },
    says: `warning secret atomic.yaml:7:76: The environment variable CRM_TOKEN_X is not set
  Set it before the command: CRM_TOKEN_X=… atomic …
error load atomic.yaml:8:29: ./agents.ts#clean is no resource but an object
  Make one with resource(name, { create }) of the core.
warning secret flows/a.flow.yaml:1:68: The environment variable CRM_TOKEN_X is not set
  Set it before the command: CRM_TOKEN_X=… atomic …
error wrong-value flows/a.flow.yaml:2:15: sink.http must be an address that begins with http:// or https://, got the text "example"
`,
  },
  {
    name: "misspelt keys",
    files: {
      "atomic.yaml": `name: tickets
agnets:
  clean: ./agents.ts#clean
  classify: ./agents.ts#classify
  price: ./agents.ts#price
`,
      "flows/tickets.flow.yaml": `${source}stage:
  - clean
stages:
  - { agnet: clean }
  - { agent: clean, onEror: drop }
  - filter: record.nope
sink: out/tickets.jsonl
`,
    },
    says: `error unknown-key atomic.yaml:2:1: Unknown key "agnets"
  Did you mean "agents"?
error unknown-key flows/tickets.flow.yaml:8:1: Unknown key "stage"
  Known here: name, description, source, stages, sink, deadLetters.
error unknown-key flows/tickets.flow.yaml:11:7: Unknown key "agnet" in stages[0]
  Did you mean "agent"?
error unknown-name flows/tickets.flow.yaml:12:14: There is no agent or pipeline "clean"
  Did you mean "clean-text"?
error unknown-key flows/tickets.flow.yaml:12:21: Unknown key "onEror" in stages[1]
  Did you mean "onError"?
`,
  },
  {
    name: "pipelines",
    files: {
      "atomic.yaml": `${project}pipelines:
  triage:
    stages: [clean, classify]
  shop: { stages: [price, cleen] }
`,
      "flows/tickets.flow.yaml": `${source}stages: [triage]
sink: out/tickets.jsonl
`,
    },
    says: `error fit atomic.yaml:8:21: The agent "classify" takes none of these records: text: expected string, got nothing
  It would refuse {"id":0,"subject":"","body":""}.
error unknown-name atomic.yaml:9:27: There is no agent or pipeline "cleen"
  Did you mean "clean"?
`,
  },
  {
    name: "yaml",
    files: {
      "flows/a.flow.yaml": `source: a.jsonl
stages:
	- clean
`,
      "flows/b.flow.yaml": `source: data/tickets.jsonl
source: b
sink: out/b.jsonl
`,
      "flows/c.flow.yaml": ``,
      "flows/d.flow.json": `{"source": "data/tickets.jsonl",}`,
    },
    says: `error syntax flows/a.flow.yaml:3:1: A tab where only spaces may indent
  Indent with spaces, two for each level.
error duplicate flows/b.flow.yaml:2:1: The key "source" stands twice in the same object; first on line 1
  Remove one of them.
error wrong-type flows/c.flow.yaml:1:1: The file must be an object with source, stages and sink, got nothing
error syntax flows/d.flow.json:1:32: A comma before "}"
  JSON has none there; remove it.
`,
  },
  {
    name: "one flow",
    files: {
      "atomic.yaml": `${project}  broken: ./agnets.ts#clean
`,
      "flows/a.flow.yaml": `source: data/tickets.jsonl
stages: [clean]
sink: out/a.jsonl
`,
      "flows/b.flow.yaml": `source: nope.jsonl
sink: out/b.jsonl
`,
    },
    options: { flow: "a" },
    says: ``,
  },
  {
    name: "good",
    files: {
      "flows/tickets.flow.yaml": `${source}stages:
  - clean
  - agent: classify
    input: { text: string(record.id) }
    output: { id: record.id, total: output.score, label: output.label }
  - price
  - aggregate: { by: [id], calculate: { all: { sum: eur } } }
sink: out/tickets.csv
`,
    },
    options: { strict: true },
    says: `error fit flows/tickets.flow.yaml:11:20: The agent "classify" does not take all of these records: text: expected at least 1 character, got string ""
  It would refuse {"text":""}, and take {"text":"a"}.
`,
  },
  {
    name: "patterns and references of schemas",
    files: {
      "ticket.schema.json": `{
  "type": "object",
  "$defs": { "a": { "$ref": "#/$defs/b" }, "b": { "anyOf": [{ "$ref": "#/$defs/a" }] } },
  "patternProperties": { "^(a+)+$": { "$ref": "#/$defs/a" } }
}
`,
      "flows/a.flow.yaml": `source:
  file: data/tickets.jsonl
  schema: { properties: { id: { pattern: "^(?=a)b" }, b: { patternProperties: { '(a)\\1': true } } } }
sink: out/a.jsonl
`,
      "flows/b.flow.yaml": `source: { file: data/tickets.jsonl, schema: ./ticket.schema.json }
sink: out/b.jsonl
`,
      "flows/c.flow.yaml": `source: data/tickets.jsonl
stages:
  - validate: { schema: { $ref: "#" } }
  - validate:
      schema: { properties: { a: { $ref: "https://example.com/a" }, b: { pattern: "a{2000}" } } }
  - validate: { schema: { properties: { a: { $ref: "./a.json" } } } }
sink: out/c.jsonl
`,
    },
    says: `error wrong-value flows/a.flow.yaml:3:42: The JSON Schema is faulty at #/properties/id/pattern: the pattern looks ahead or behind, which is not supported
  A match takes time that grows with the text alone, which these make impossible.
error wrong-value flows/c.flow.yaml:3:33: The JSON Schema is faulty at #/$ref: it leads back to #, so that no value would ever be done with
  A schema refers to itself under properties, items and the like, where there is less of the value each time.
error wrong-value flows/c.flow.yaml:5:83: The JSON Schema is faulty at #/properties/b/pattern: the pattern repeats something more than 1000 times
  Say how long a text is with minLength and maxLength.
error wrong-value flows/c.flow.yaml:6:52: The JSON Schema is faulty at #/properties/a/$ref: ./a.json is never fetched
  Only what is in the schema itself can be referred to: put it under $defs, and write #/$defs/name.
error wrong-value ticket.schema.json:3:29: The JSON Schema is faulty at #/$defs/a/$ref: it leads back to #/$defs/a by way of #/$defs/b/anyOf/0, so that no value would ever be done with
  A schema refers to itself under properties, items and the like, where there is less of the value each time.
`,
  },
  {
    name: "figures of texts that are written as numbers",
    files: {
      "flows/figures.flow.yaml": `source: data/prices.csv
stages:
  - aggregate: { by: [], calculate: { most: { max: total } } }
sink: out/figures.jsonl
`,
    },
    says: `warning fit flows/figures.flow.yaml:3:52: "total" holds numbers as texts, and of texts "9.5" is more than "10"
  Say types: { total: number } in the source, or types: { total: text } where texts are meant.
`,
  },
];

// Each imports modules in processes of their own.
vi.setConfig({ testTimeout: 120_000 });

/** Within the workspace, so that modules in it find the packages. */
const scratch = join(import.meta.dirname, "../../../../out");
mkdirSync(scratch, { recursive: true });
const folder = realpathSync(mkdtempSync(join(scratch, "check-")));
afterAll(() => rmSync(folder, { recursive: true }));

let count = 0;

async function projectOf(files: Readonly<Record<string, string | Uint8Array>>) {
  const directory = join(folder, String(count++));
  for (const [name, text] of Object.entries({ ...commonFiles, ...files })) {
    const path = join(directory, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  return openProject({ directory, environment: {} });
}

describe("checkProject", () => {
  const messages: string[] = [];

  it.each(brokenProjects)("says all that is wrong: $name", async ({ files, links = {}, options, says }) => {
    const project = await projectOf(files);
    for (const [link, target] of Object.entries(links)) symlinkSync(target, join(project.directory, link));
    const problems = await checkProject(project, options);
    messages.push(...problems.map(({ message }) => message));
    const lines = problems.map(({ severity, code, hint, ...place }) => {
      const line = `${severity} ${code} ${formatProblem({ severity, code, ...place })}\n`;
      return hint === undefined ? line : `${line}  ${hint}\n`;
    });
    expect(lines.join("").replaceAll(project.directory, "<dir>").replaceAll(folder, "<above>")).toBe(says);
  });

  it("says what the page about flow files explains", () => {
    const page = readFileSync(join(import.meta.dirname, "../../../../docs/flow-files.md"), "utf8");
    const [, table = ""] = page.split("## Troubleshooting");
    const explained = Array.from(
      table.matchAll(/^\| `(?<message>[^`]+)` \|/gm),
      ({ groups = {} }) => groups["message"] ?? "",
    );
    expect(explained.length).toBeGreaterThan(20);
    for (const message of explained) {
      const parts = message.split("…").map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
      expect(messages).toContainEqual(expect.stringMatching(new RegExp(`^${parts.join(".+")}`)));
    }
  });

  it.each([
    [
      "- aggregate: { by: [id], calculat: { n: { count: true } } }",
      'Unknown key "calculat" in stages[0].aggregate',
    ],
    [
      "- window: { time: at, tumbling: { sizeMs: 5 }, calculte: { n: { count: true } } }",
      'Unknown key "calculte" in stages[0].window',
    ],
    [
      "- window: { tim: at, tumbling: { sizeMs: 5 }, calculate: { n: { count: true } } }",
      'Unknown key "tim" in stages[0].window',
    ],
    ["- sort: { bt: [id] }", 'Unknown key "bt" in stages[0].sort'],
    ["- sort: { by: [{ ky: id }] }", 'Unknown key "ky" in stages[0].sort.by[0]'],
    ["- validate: { schma: ./item.json }", 'Unknown key "schma" in stages[0].validate'],
    ["- join: { source: data/tickets.jsonl, om: id, as: b }", 'Unknown key "om" in stages[0].join'],
    [
      "- join: { source: { fle: data/tickets.jsonl }, on: id, as: b }",
      'Unknown key "fle" in stages[0].join.source',
    ],
    [
      "- join: { source: data/tickets.jsonl, on: id, as: b, type: outer }",
      "stages[0].join.type must be one of",
    ],
    [
      "- lookup: { file: data/tickets.jsonl, key: id, by: id, as: '' }",
      "stages[0].lookup.as must be the name of a key",
    ],
    ["- tee: { fil: out/b.jsonl }", 'Unknown key "fil" in stages[0].tee'],
    ["[]\nsnk: out/b.jsonl", 'Unknown key "snk"'],
  ])("says of %s one thing, and goes on", async (stage, message) => {
    const sink = stage.includes("snk") ? "" : "sink: out/a.jsonl\n";
    const project = await projectOf({
      "flows/a.flow.yaml": `${source}stages:\n  ${stage}\n${sink}`,
      "flows/b.flow.yaml": `${source}stages:\n  - filter: record.nope\nsink: out/b.jsonl\n`,
    });
    const problems = await checkProject(project);
    expect(problems.map((problem) => problem.message)).toEqual([
      expect.stringContaining(message),
      "record.nope: there is no such field",
    ]);
  });

  it("says of a misspelt kind of source or sink one thing", async () => {
    const project = await projectOf({
      "flows/a.flow.yaml": "source: { fle: data/tickets.jsonl }\nsink: { flie: out/a.jsonl }\n",
    });
    const problems = await checkProject(project);
    expect(problems.map(({ message }) => message)).toEqual([
      'Unknown key "fle" in source',
      'Unknown key "flie" in sink',
    ]);
  });

  it("stops when nobody waits any more", async () => {
    const project = await projectOf({
      "flows/tickets.flow.yaml": "source: data/tickets.jsonl\nstages: [clean]\nsink: out/tickets.jsonl\n",
      "agents.ts": "for (;;) {}",
    });
    await expect(checkProject(project, { signal: AbortSignal.timeout(300) })).rejects.toMatchObject({
      code: "CANCELLED",
    });
  });

  it("waits once for a module that hangs", async () => {
    const project = await projectOf({
      "agents.ts": "for (;;) {}",
      "flows/tickets.flow.yaml":
        "source: data/tickets.jsonl\nstages: [clean, clean, price]\nsink: out/a.jsonl\n",
    });
    const problems = await checkProject(project, { moduleTimeoutMs: 500 });
    expect(problems.map(({ message }) => message.includes("was still being imported after 500 ms"))).toEqual(
      problems.map(() => true),
    );
    // Those of the project's file, each told once.
    expect(problems.map(({ file, line }) => `${file}:${line}`)).toEqual([
      "atomic.yaml:3",
      "atomic.yaml:4",
      "atomic.yaml:5",
    ]);
  });

  it("refuses a flow that does not exist", async () => {
    const project = await projectOf({
      "flows/tickets.flow.yaml": "source: data/tickets.jsonl\nsink: out/a.jsonl\n",
    });
    await expect(checkProject(project, { flow: "tickts" })).rejects.toMatchObject({
      code: "CONFIG",
      message: 'There is no flow "tickts"',
      hint: 'Did you mean "tickets"?',
    });
  });
});
