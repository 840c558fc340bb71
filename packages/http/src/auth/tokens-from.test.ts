import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { Secret } from "@atomic-agents/core";
import { afterAll, describe, expect, test } from "vitest";
import { tokensFromEnvironment, tokensFromFile } from "./tokens-from.ts";

const folder = mkdtempSync(join(tmpdir(), "tokens-"));
afterAll(() => rmSync(folder, { recursive: true }));

const one = "1f".repeat(20);
const other = "2e".repeat(20);
const fileOf = (text: string | Uint8Array) => {
  const path = join(folder, "tokens");
  writeFileSync(path, text);
  return path;
};
const plain = (tokens: ReturnType<typeof tokensFromFile>) =>
  tokens.map(({ name, value, scopes, expiresAt }) => ({
    name,
    value: value instanceof Secret ? value.reveal() : "not a secret",
    scopes,
    ...(expiresAt === undefined ? {} : { expiresAt }),
  }));

describe("tokens of a file", () => {
  test("that holds one", () => {
    const token = { name: "default", value: one, scopes: ["execute", "read"] };
    expect(plain(tokensFromFile(fileOf(`${one}\n`)))).toEqual([token]);
  });

  test("that holds several", () => {
    const tokens = tokensFromFile(fileOf(`${one}\r\n${other},\n`), { name: "gateway", scopes: ["execute"] });
    expect(plain(tokens)).toEqual([
      { name: "gateway", value: one, scopes: ["execute"] },
      { name: "gateway", value: other, scopes: ["execute"] },
    ]);
  });

  test("that holds JSON", () => {
    const written = [
      { name: "ada", value: one, scopes: ["admin"], expiresAt: "2027-01-01T00:00:00Z" },
      { name: "bob", value: other },
    ];
    expect(plain(tokensFromFile(fileOf(JSON.stringify(written, undefined, 2))))).toEqual([
      { name: "ada", value: one, scopes: ["admin"], expiresAt: new Date(Date.UTC(2027, 0, 1)) },
      { name: "bob", value: other, scopes: ["execute", "read"] },
    ]);
  });

  test("do not show in what is printed of them", () => {
    const tokens = tokensFromFile(fileOf(one));
    expect(inspect(tokens, { depth: 9, showHidden: true }) + JSON.stringify(tokens)).not.toContain(one);
  });

  test.each([
    ["is not there", join(folder, "none"), "cannot be opened"],
    ["is a folder", folder, "no ordinary file"],
    ["is empty", () => fileOf(" \n"), "one token or more"],
    ["is not UTF-8", () => fileOf(Uint8Array.of(0xff, 0xfe)), "not UTF-8"],
    ["is too long", () => fileOf("x ".repeat(600_000)), "longer than"],
    ["has a short token", () => fileOf(`${one} ${one.slice(9)}`), "32 to 512 characters"],
    ["has half of a JSON", () => fileOf(`[{"name":"ada","value":"${one}"`), "JSON"],
    ["has JSON of another kind", () => fileOf(JSON.stringify({ ada: one })), "an array"],
    [
      "has too much in its JSON",
      () => fileOf(JSON.stringify([{ name: "ada", value: one, note: one }])),
      "note",
    ],
  ])("are refused where it %s, without a word of what it holds", (_what, path, message) => {
    const read = () => tokensFromFile(typeof path === "string" ? path : path());
    expect(read).toThrow(message);
    expect(read).toThrow(expect.objectContaining({ code: "CONFIG" }));
    let shown = "";
    try {
      read();
    } catch (error) {
      shown = inspect(error, { depth: 9 });
    }
    expect(shown).not.toContain(one.slice(9));
  });

  test("are not waited for where it is a pipe", () => {
    const path = join(folder, "pipe");
    execFileSync("mkfifo", [path]);
    expect(() => tokensFromFile(path)).toThrow("no ordinary file");
  });

  test("are refused with options that are misspelt", () => {
    // A caller without types.
    expect(() => tokensFromFile(fileOf(one), { scope: ["read"] } as never)).toThrow("scope");
    expect(() => tokensFromFile(fileOf(one), { scopes: ["all"] } as never)).toThrow("scopes");
  });
});

describe("tokens of the environment", () => {
  test("are read from the variable", () => {
    const environment = { ATOMIC_TOKEN: one, OTHER: other };
    expect(plain(tokensFromEnvironment(undefined, { environment }))).toMatchObject([{ value: one }]);
    expect(plain(tokensFromEnvironment("OTHER", { environment, name: "ada" }))).toMatchObject([
      { name: "ada", value: other },
    ]);
  });

  test.each([
    ["nothing", {}],
    ["blanks", { ATOMIC_TOKEN: " " }],
  ])("are refused when it has %s", (_what, environment) => {
    const read = () => tokensFromEnvironment(undefined, { environment });
    expect(read).toThrow("the environment variable ATOMIC_TOKEN must be set");
  });
});
