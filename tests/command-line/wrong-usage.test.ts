import { symlinkSync } from "node:fs";
import { afterAll, describe, expect, it, vi } from "vitest";
import { makeFolder } from "./atomic-process.ts";
import { ticketsProject } from "./tickets-project.ts";

// Each test waits for a process, which shares the computer with other tests.
vi.setConfig({ testTimeout: 120_000 });

const folder = makeFolder({
  ...ticketsProject,
  "flows/broken.flow.yaml":
    "source: data/tickets.jsonl\nstages:\n  - filter: record.id >\nsnik: out/x.jsonl\n",
  "other.yaml": "source: data/tickets.jsonl\n",
  "package.json": '{ "name": "tickets", "version": "1.0.0", "private": true }\n',
});
folder.write({ "[1]": '{"id":1,"text":"a"}\n' });
symlinkSync("loop.jsonl", folder.at("loop.jsonl"));
symlinkSync("loop.yaml", folder.at("loop.yaml"));
afterAll(() => folder.remove());

describe.concurrent("wrong usage of commands for flows ends with 2", () => {
  it.each([
    [
      "run tickts",
      'error: There is no flow or agent "tickts"\n  expected: one of broken, tickets, shout, or a built-in agent\n  got:      tickts\n  try:      Did you mean "tickets"?\n',
    ],
    [
      "run tickets hello",
      "error: A flow takes no text: its records come from its source\n  where:    [text]\n  got:      hello\n  try:      --input reads them from another file, or - from standard input.\n",
    ],
    [
      "run tickets --set a=1",
      "error: --set is for agents, and tickets is a flow\n  where:    --set\n  try:      atomic run --help says which options there are for each.\n",
    ],
    [
      "run flows/tickets.flow.yaml --format csv",
      "error: --format is for agents, and flows/tickets.flow.yaml is a flow\n  where:    --format\n  try:      atomic run --help says which options there are for each.\n",
    ],
    [
      "run shout --limit 5",
      "error: --limit is for flows, and shout is an agent\n  where:    --limit\n  try:      atomic run --help says which options there are for each.\n",
    ],
    [
      "run ./agents.mjs#shout --dry-run",
      "error: --dry-run is for flows, and ./agents.mjs#shout is an agent\n  where:    --dry-run\n  try:      atomic run --help says which options there are for each.\n",
    ],
    [
      "run tickets --limit 0",
      "error: option '--limit <count>' argument '0' is invalid. Expected a whole number from 1 to 2147483647.\n  try:      atomic run --help\n",
    ],
    [
      "run tickets --concurrency many",
      "error: option '--concurrency <count>' argument 'many' is invalid. Expected a whole number from 1 to 2147483647.\n  try:      atomic run --help\n",
    ],
    [
      "run tickets --limit",
      "error: option '--limit <count>' argument missing\n  try:      atomic run --help\n",
    ],
    [
      "run tickets --profil production",
      "error: unknown option '--profil'\n  try:      Did you mean --profile?\n",
    ],
    [
      "runs list --status done",
      "error: option '--status <status>' argument 'done' is invalid. Allowed choices are running, success, partial, failed, cancelled, interrupted.\n  try:      atomic runs list --help\n",
    ],
    [
      "run shout --format",
      "error: option '-f, --format <format>' argument missing\n  expected: one of json, jsonl, csv, table, text\n  try:      atomic run --help\n",
    ],
    [
      "test flows/tickets.flow.yaml",
      expect.stringMatching(/tickets.flow.yaml is not a module[^]*It is a flow file/),
    ],
    ["run data", expect.stringMatching(/There is no flow or agent "data"[^]*data is a folder/)],
    [
      "run data/tickets.jsonl",
      expect.stringMatching(
        /tickets.jsonl is not a module[^]*such as \.\/agents\.ts#classify; what it reads is named apart/,
      ),
    ],
    [
      "run flows/tickets.flow.yml",
      expect.stringMatching(/no such file\n {2}try: Did you mean "tickets.flow.yaml"\?/),
    ],
    [
      "infer data/ticket.jsonl",
      'error: There is no file "data/ticket.jsonl"\n  where:    <file>\n  expected: a file, or a pattern of files in quotes\n  got:      data/ticket.jsonl\n  try:      Did you mean "data/tickets.jsonl"?\n',
    ],
    ["infer data", expect.stringMatching(/data is a folder\n[^]*try: +atomic infer data\/\w+\.jsonl/)],
    ["runs lst", "error: unknown command 'lst'\n  try:      Did you mean list?\n"],
    [
      "runs show",
      "error: missing required argument 'run'\n  expected: a run's id, the beginning of it, or last\n  try:      atomic runs show --help\n",
    ],
    [
      "runs show nope",
      'error: There is no run "nope"\n  where:    <run>\n  expected: the id of a run, the beginning of one, or last\n  got:      nope\n  try:      atomic runs list\n',
    ],
    [
      "runs show last",
      "error: No runs are kept here\n  where:    <run>\n  expected: a project in which a flow has been run\n  try:      atomic run <flow>\n",
    ],
    [
      "dead-letters show nope x",
      "error: command-argument value 'x' is invalid for argument 'number'. Expected a whole number from 1 to 2147483647.\n  try:      atomic dead-letters show --help\n",
    ],
    [
      "dead-letters",
      "error: atomic dead-letters needs a command\n  expected: one of list, show\n  try:      atomic dead-letters --help\n",
    ],
    [
      "redrive",
      "error: missing required argument 'run'\n  expected: a run's id, the beginning of it, or last\n  try:      atomic redrive --help\n",
    ],
    [
      "check a b",
      "error: too many arguments for 'check'. Expected 1 argument but got 2: a, b.\n  try:      atomic check --help\n",
    ],
    [
      "check --strict=maybe",
      "error: option '--strict' takes no value\n  expected: --strict alone, or nothing\n  got:      --strict=maybe\n  try:      atomic check --help\n",
    ],
    [
      "check atomic.yaml",
      "error: atomic.yaml is the project's file, and no flow\n  where:    [flow]\n  expected: a flow's name, or its file\n  got:      atomic.yaml\n  try:      atomic check alone looks at the whole project that the current folder is in.\n",
    ],
    [
      "check tickets.flow.yaml",
      'error: CONFIG There is no file "tickets.flow.yaml"\n  expected: the name of a flow, or the path of its file\n  got:      tickets.flow.yaml\n  try:      Did you mean the flow "tickets", of flows/tickets.flow.yaml?\n',
    ],
    ["check flows/tickets", expect.stringMatching(/Did you mean the flow "tickets"/)],
    ["run data/tickets.flow.yaml", expect.stringMatching(/Did you mean the flow "tickets"/)],
    ["check --config loop.yaml", expect.stringMatching(/The project file "loop.yaml" is not there/)],
    [`run ${"long".repeat(100)}`, expect.stringMatching(/^error: There is no flow or agent "long/)],
    ["check shout", expect.stringMatching(/^error: shout is an agent, and no flow\n/)],
    ["check agents.mjs", expect.stringMatching(/^error: agents.mjs is a module, and no flow\n/)],
    ["check flows", expect.stringMatching(/^error: flows is a folder, and no flow\n/)],
    [
      "check package.json",
      expect.stringMatching(/^error: package.json is the file of an npm package, and no/),
    ],
    [
      "check data/tickets.jsonl",
      expect.stringMatching(
        /^error: data\/tickets.jsonl is neither YAML nor JSON by its name, and no flow\n/,
      ),
    ],
    [
      "check --config package.json",
      expect.stringMatching(/The project file "package.json" is the file of an npm package\n[^]*atomic.yaml/),
    ],
    [
      "run tickets --config flows/tickets.flow.yaml",
      expect.stringMatching(
        /The project file "flows\/tickets.flow.yaml" is the file of a flow\n[^]*atomic.yaml/,
      ),
    ],
    [
      "run tickets --input=",
      expect.stringMatching(/^error: --input needs the path of a file\n {2}where: {4}--input\n/),
    ],
    [
      "run tickets --dead-letters=",
      expect.stringMatching(
        /^error: --dead-letters needs the path of a file\n {2}where: {4}--dead-letters\n/,
      ),
    ],
    [
      'run tickets --input {"id":1}',
      expect.stringMatching(
        /A flow reads its records from files[^]*try: .*\| atomic run tickets --input -\n$/,
      ),
    ],
    [
      "run tickets --input loop.jsonl",
      expect.stringMatching(/There is no file ".*loop.jsonl"\n {2}try: It is a link that leads to no file\./),
    ],
    [
      "run tickets --dead-letters data",
      expect.stringMatching(
        /^--dead-letters: error: ".*data" is a folder, not a file\n {2}try: Name a file in it, such as ".*data\/tickets.jsonl"\.\n/,
      ),
    ],
    [
      "run tickets --dead-letters data/tickets.jsonl",
      expect.stringMatching(/^--dead-letters: error: ".*data\/tickets.jsonl" is also what the flow reads\n/),
    ],
    [
      "run tickets --output out/a.jsonl --dead-letters out/a.jsonl",
      expect.stringMatching(
        /^--dead-letters: error: ".*out\/a.jsonl" is also written to as the output that was given\n/,
      ),
    ],
    [
      "infer loop.jsonl",
      expect.stringMatching(
        /^error: There is no file "loop.jsonl"\n[^]*try: {6}It is a link that leads to no file\./,
      ),
    ],
    [
      "infer data/tickets.jsonl --delimiter ab",
      expect.stringMatching(/argument 'ab' is invalid. Expected one character of ASCII/),
    ],
    [
      "create flow new shout --source data/none.jsonl",
      expect.stringMatching(/^error: There is no file "data\/none.jsonl"\n {2}where: {4}--source\n/),
    ],
  ])("atomic %s", async (line, expected) => {
    const { code, stdout, stderr } = await folder.atomic(line);
    expect(stderr).toEqual(expected);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  });

  it.each([
    ["run nowhere/x.flow.yaml", /nowhere\/x\.flow\.yaml/],
    ["run tickets --profile nope", /nope/],
    ["run tickets --config nowhere.yaml", /nowhere\.yaml/],
    ["check nope", /"nope"/],
    ["run tickets --input nowhere.jsonl", /nowhere\.jsonl/],
    ["run tickets --output nowhere/x.jsonl", /There is no folder nowhere\n.*--output\n/],
  ])("atomic %s", async (line, expected) => {
    const { code, stdout, stderr } = await folder.atomic(line);
    expect(stderr).toMatch(expected);
    expect(stderr).not.toMatch(/^\s+at .*:\d+:\d+\)?$/m);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  });

  it("takes a file whose name is JSON for the file", async () => {
    const { code, stdout } = await folder.atomic(["run", "tickets", "--input", "[1]", "--dry-run"]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '{"id":1,"text":"A"}\n' });
  });

  it("shows what is wrong in a flow's file, with its line", async () => {
    const { code, stdout, stderr } = await folder.atomic("run broken");
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^flows\/broken\.flow\.yaml:4:1: error: .*"snik"/m);
    expect(stderr).toMatch(/^ {2}4 \| snik: out\/x\.jsonl\n {4}\| \^$/m);
    expect(stderr).toMatch(/\n\n\d errors? in 1 file\n$/);
    const json = await folder.atomic("run broken --json");
    expect(json.code).toBe(2);
    expect(JSON.parse(json.stderr)).toMatchObject({
      exitCode: 2,
      error: {
        code: "CONFIG",
        problems: expect.arrayContaining([expect.objectContaining({ line: 4, column: 1 })]),
      },
    });
  });
});
