import { describe, expect, test } from "vitest";
import { parseText } from "../files/parse-text.ts";
import { formatProblem } from "../files/problem.ts";
import { checkFlowFile, checkProjectFile } from "./check-shape.ts";

/** What a user is told of a file, with what to try. */
function told(text: string, file: "atomic.yaml" | "a.flow.yaml"): readonly string[] {
  const { document, problems } = parseText(text, { file });
  const check = file === "atomic.yaml" ? checkProjectFile : checkFlowFile;
  return (document === undefined ? problems : check(document)).map((problem) =>
    [
      formatProblem(problem).slice(file.length + 1),
      ...(problem.hint === undefined ? [] : [problem.hint]),
    ].join(" | "),
  );
}

describe("atomic.yaml", () => {
  test.each<[string, readonly string[]]>([
    [
      `agnets:
  a: b
`,
      ['1:1: Unknown key "agnets" | Did you mean "agents"?'],
    ],
    [
      `agents:
`,
      [],
    ],
    [
      `agents: [a]
`,
      ["1:9: agents must be an object of agents by their names, got a list"],
    ],
    [
      `agents:
  clean: 12
`,
      [
        '2:10: agents.clean must be a module and its export, the name of a built-in agent, or an object with use, got 12 | Is it a text? Then put it in quotes: "12".',
      ],
    ],
    [
      `agents:
  clean: {us: ./a.ts}
`,
      ['2:11: Unknown key "us" in agents.clean | Did you mean "use"?'],
    ],
    [
      `agents:
  clean: {config: {}}
`,
      [
        '2:3: The key "use" is missing in agents.clean | Add use: a module and its export, or the name of a built-in agent, such as use: ./agents/clean.ts#clean.',
      ],
    ],
    [
      `agents:
  'my agent': ./a.ts
`,
      [
        '2:3: "my agent" must be a name of letters, digits, "-", "_" and "." that begins with a letter or digit, at most 64 of them',
      ],
    ],
    [
      `name: 012
`,
      ['1:7: name must be a name, got 12 | Is it a text? Then put it in quotes: "012".'],
    ],
    [
      `name: no
`,
      [],
    ],
    [
      `settings:
  serve:
    tokens: canary-canary-canary-canary-canary-canary
    allowedHosts: ["http://a.example/", "a.example:80", ok.example, "*.example.com", "*", "::1", ""]
    allowedOrigins: [a.example, https://a.example/, "https://a.example:8443", "http://[::1]:3000"]
`,
      [
        "3:13: settings.serve.tokens must be { env: NAME } or { secretFile: path }, got what is not shown | A secret does not stand in the file itself: say where it is, and have what stood here replaced.",
        '4:20: settings.serve.allowedHosts[0] must be a host without port, such as api.example.com or *.example.com, or * for any, got the text "http://a.example/"',
        '4:41: settings.serve.allowedHosts[1] must be a host without port, such as api.example.com or *.example.com, or * for any, got the text "a.example:80"',
        '4:98: settings.serve.allowedHosts[6] must be a host without port, such as api.example.com or *.example.com, or * for any, got the text ""',
        '5:22: settings.serve.allowedOrigins[0] must be an origin, such as https://app.example.com, got the text "a.example"',
        '5:33: settings.serve.allowedOrigins[1] must be an origin, such as https://app.example.com, got the text "https://a.example/"',
      ],
    ],
    [
      `name: yes
settings: {logLevel: verbose}
`,
      ['2:22: settings.logLevel must be one of debug, info, warn, error, silent, got the text "verbose"'],
    ],
    [
      `settings:
  logLevel: WARN
`,
      [
        '2:13: settings.logLevel must be one of debug, info, warn, error, silent, got the text "WARN" | Did you mean "warn"?',
      ],
    ],
    [
      `settings:
  logLevel: off
`,
      ['2:13: settings.logLevel must be one of debug, info, warn, error, silent, got the text "off"'],
    ],
    [
      `pipelines:
  triage: [a, b]
`,
      ["2:11: pipelines.triage must be an object with stages, got a list"],
    ],
    [
      `pipelines:
  triage: {stages: []}
`,
      ["2:20: pipelines.triage.stages must be a list of at least one stage, got an empty list"],
    ],
    [
      `pipelines:
  triage:
    stages:
      - {agent: a, retry: {attempts: 0}}
      - {agent: a, timeoutMs: 10s}
      - {agent: a, timeoutMs: 1:30}
      - {agnet: a}
      - {id: a}
      - agent: a
        onError: deadletter
      - null
      - {agent: a, retry: 3}
      - {agent: a, timeoutMs: '100'}
      - {agent: a, timeoutMs: 3000000000}
`,
      [
        "4:38: pipelines.triage.stages[0].retry.attempts must be a whole number from 1, got 0",
        '5:31: pipelines.triage.stages[1].timeoutMs must be a number of milliseconds from 1 to 2147483647, got the text "10s" | Write the number without a unit; its key says which it is.',
        '6:31: pipelines.triage.stages[2].timeoutMs must be a number of milliseconds from 1 to 2147483647, got the text "1:30" | In YAML 1.2 1:30 is a text; write the number, 90.',
        '7:10: Unknown key "agnet" in pipelines.triage.stages[3] | Did you mean "agent"?',
        '8:9: The key "agent" is missing in pipelines.triage.stages[4] | Add agent: the name of an agent or pipeline.',
        '10:18: pipelines.triage.stages[5].onError must be one of stop, pass, drop, dead-letter, got the text "deadletter" | Did you mean "dead-letter"?',
        '11:9: pipelines.triage.stages[6] must be the name of an agent or pipeline, or an object with agent, got nothing | Is it a text? Then put it in quotes: "null".',
        "12:27: pipelines.triage.stages[7].retry must be an object with attempts, got 3",
        '13:31: pipelines.triage.stages[8].timeoutMs must be a number of milliseconds from 1 to 2147483647, got the text "100" | Remove the quotes.',
        "14:31: pipelines.triage.stages[9].timeoutMs must be a number of milliseconds from 1 to 2147483647, got 3000000000",
      ],
    ],
    [
      `resources:
  a: {type: sqllite, file: x}
  b: {file: x}
  c: {type: http}
  d: {type: http, url: {env: no-good}}
  e: {type: http, url: http://x, headers: {authorization: {enviroment: X}}}
  f: {type: sqlite, file: x, readOnly: yes}
  g: sqlite
  h: {type: 3}
  i: {type: http, url: x, headers: {'a b': c, d: 3}}
`,
      [
        '2:13: resources.a.type must be one of sqlite, http, module, got the text "sqllite" | Did you mean "sqlite"?',
        '3:3: The key "type" is missing in resources.b | Add type: one of sqlite, http, module.',
        '4:3: The key "url" is missing in resources.c | Add url: a text, { env: NAME } or { secretFile: path }.',
        '5:30: resources.d.url.env must be the name of an environment variable, such as CRM_TOKEN, got the text "no-good"',
        "6:44: resources.e.headers.authorization has none of the keys env, secretFile | There stands a text, { env: NAME } or { secretFile: path }.",
        '7:40: resources.f.readOnly must be true or false, got the text "yes" | YAML 1.2 has only true and false; write true.',
        '8:6: resources.g must be an object with type, got the text "sqlite"',
        "9:13: resources.h.type must be one of sqlite, http, module, got 3",
        '10:37: "a b" must be the name of a header',
        '10:50: resources.i.headers.d must be a text, { env: NAME } or { secretFile: path }, got 3 | Is it a text? Then put it in quotes: "3".',
      ],
    ],
    [
      `settings:
  runs: {store: sqlite, retentionDays: -1, maxBytes: 1.5}
  alerts: {errorRate: 5}
  inputFolders: /data
`,
      [
        "2:40: settings.runs.retentionDays must be a number from 0, got -1",
        "2:54: settings.runs.maxBytes must be a whole number from 1, got 1.5",
        "3:23: settings.alerts.errorRate must be a number from 0 to 1, got 5",
        '4:17: settings.inputFolders must be a list of folders, got the text "/data" | Write a list: [/data].',
      ],
    ],
    [
      `profiles:
  production:
    settings: {loglevel: warn}
    agents: {clean: {}}
    resources: {crm: {url: {env: A, secretFile: b}}}
`,
      [
        '3:16: Unknown key "loglevel" in profiles.production.settings | Did you mean "logLevel"?',
        '5:37: "env" and "secretFile" cannot both stand in profiles.production.resources.crm.url | Remove one of them, or make two of it.',
      ],
    ],
    [
      `just a text
`,
      [
        '1:1: The file must be an object with keys such as agents, pipelines and resources, got the text "just a text"',
      ],
    ],
    [
      `- a
`,
      ["1:1: The file must be an object with keys such as agents, pipelines and resources, got a list"],
    ],
    [
      `x: 1
agents: ~
pipelines:
`,
      [
        '1:1: Unknown key "x" | Known here: name, description, agents, pipelines, resources, models, flows, settings, profiles.',
      ],
    ],
    [
      `settings: {runs: {path: }}
`,
      ["1:19: settings.runs.path must be a path in the project, got nothing"],
    ],
    [
      `agents: {clean: {use: ./a.ts, config: }}
`,
      [
        "1:31: agents.clean.config must be an object, got nothing | Nothing stands behind its colon; fill it in, or remove the key.",
      ],
    ],
    [
      `description: 5
version: 1
`,
      [
        '1:14: description must be a text, got 5 | Is it a text? Then put it in quotes: "5".',
        '2:1: Unknown key "version" | Known here: name, description, agents, pipelines, resources, models, flows, settings, profiles.',
      ],
    ],
  ])("%#: %j", (text, problems) => {
    expect(told(text, "atomic.yaml")).toEqual(problems);
  });
});

describe("a.flow.yaml", () => {
  test.each<[string, readonly string[]]>([
    ["", ["1:1: The file must be an object with source, stages and sink, got nothing"]],
    [
      `source: a.jsonl
`,
      [
        '1:1: The key "sink" is missing | Add sink: a path, or an object with file, stdout, http or module, such as sink: out/tickets.jsonl.',
      ],
    ],
    [
      `source: a
sink: b
stages:
  - filter: a
    map: b
`,
      ['5:5: "filter" and "map" cannot both stand in stages[0] | Remove one of them, or make two of it.'],
    ],
    [
      `source: {fil: a}
sink: {stdout: yes}
`,
      [
        '1:10: Unknown key "fil" in source | Did you mean "file"?',
        '2:16: sink.stdout must be true, got the text "yes" | YAML 1.2 has only true and false; write true.',
      ],
    ],
    [
      `source: {stdin: true, file: x}
sink: {stdout: true, formt: csv}
`,
      [
        '1:10: "file" and "stdin" cannot both stand in source | Remove one of them, or make two of it.',
        '2:22: Unknown key "formt" in sink | Did you mean "format"?',
      ],
    ],
    [
      `source: a
sink: b
stages: clean
`,
      ['3:9: stages must be a list of stages, got the text "clean" | Write a list: [clean].'],
    ],
    [
      `source: a
sink: b
stages:
  - filtr: record.a
  - {}
  - agent: a
    concurrency: 0
    ordered: no
  - sort: {by: country}
  - sort: {by: [{ky: a}]}
  - aggregate: {by: [], calculate: {a: {cuont: true}}}
  - aggregate: {by: [], calculate: {}}
  - aggregate: {by: [], calculate: {a: {count: false}}}
  - batch: 1_000
  - tee: {http: ftp://x}
  - deduplicate: [id]
  - deduplicate: {by: []}
  - {sort: {by: [a], maxInMemory: many}}
  - batch: {maxWaitMs: 3000000000}
`,
      [
        '4:5: Unknown key "filtr" in stages[0] | Did you mean "filter"?',
        "5:5: stages[1] has none of the keys agent, filter, map, split, batch, sort, aggregate, window, deduplicate, lookup, join, sql, transform, redact, validate, profile, tee | There stands the name of an agent, or an object with one of agent, filter, map, split, batch, sort, aggregate, window, deduplicate, lookup, join, sql, transform, redact, validate, profile, tee.",
        "7:18: stages[2].concurrency must be a whole number from 1, got 0",
        '8:14: stages[2].ordered must be true or false, got the text "no" | YAML 1.2 has only true and false; write false.',
        '9:16: stages[3].sort.by must be a list of at least one key, got the text "country" | Write a list: [country].',
        '10:18: Unknown key "ky" in stages[4].sort.by[0] | Did you mean "key"?',
        '11:41: Unknown key "cuont" in stages[5].aggregate.calculate.a | Did you mean "count"?',
        "12:36: stages[6].aggregate.calculate must not be empty",
        "13:48: stages[7].aggregate.calculate.a.count must be true, got false",
        '14:12: stages[8].batch must be a whole number from 1, or an object with some of size, maxBytes, maxWaitMs, got the text "1_000" | Write the digits alone: 1000.',
        '15:17: stages[9].tee.http must be an address that begins with http:// or https://, got the text "ftp://x"',
        "16:18: stages[10].deduplicate must be an object with by, near or both, got a list",
        "17:23: stages[11].deduplicate.by must be a list of at least one key, got an empty list",
        '18:35: stages[12].sort.maxInMemory must be a whole number from 1, got the text "many"',
        "19:24: stages[13].batch.maxWaitMs must be a whole number of milliseconds from 1, at most 2147483647, got 3000000000",
      ],
    ],
    [
      `source: a
sink: b
stages:
  - sort:
      by: start, end
  - deduplicate: {by: "substring(record.id, 0, 2)"}
`,
      [
        '5:11: stages[0].sort.by must be a list of at least one key, got the text "start, end" | Write a list: [start, end].',
        '6:23: stages[1].deduplicate.by must be a list of at least one key, got the text "substring(record.id, 0, 2)" | Write a list: ["substring(record.id, 0, 2)"].',
      ],
    ],
    [
      `name: a/b
source: a
sink: b
deadletters: x
`,
      [
        '1:7: name must be a name of letters, digits, "-", "_" and "." that begins with a letter or digit, at most 64 of them, got the text "a/b"',
        '4:1: Unknown key "deadletters" | Did you mean "deadLetters"?',
      ],
    ],
    [
      `source: {file: a, format: cvs, delimiter: ';;', types: {a: float}}
sink: b
`,
      [
        '1:27: source.format must be one of jsonl, json, csv, text, parquet, got the text "cvs" | Did you mean "csv"?',
        '1:43: source.delimiter must be one character, got the text ";;"',
        '1:60: source.types.a must be one of text, number, integer, boolean, json, got the text "float" | Did you mean "number"?',
      ],
    ],
  ])("%#: %j", (text, problems) => {
    expect(told(text, "a.flow.yaml")).toEqual(problems);
  });
});
