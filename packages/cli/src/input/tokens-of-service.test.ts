import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Secret } from "@atomic-agents/core";
import type { ServiceToken } from "@atomic-agents/http";
import { openProject, type Settings } from "@atomic-agents/project";
import { afterAll, expect, test } from "vitest";
import { tokensOfService } from "./tokens-of-service.ts";

const directory = mkdtempSync(join(tmpdir(), "tokens-"));
afterAll(() => rmSync(directory, { recursive: true }));
const { settings } = await openProject({ directory });
const tokenOf = (name: string) => `${name}-`.padEnd(40, "0123456789");
for (const name of ["option", "project"]) writeFileSync(join(directory, name), tokenOf(name));

function projectWith(serve: Settings["serve"] = {}) {
  return { directory, settings: { ...settings, serve } };
}

function valuesOf(tokens: readonly ServiceToken[] | undefined) {
  return tokens?.map(({ value }) => (value instanceof Secret ? value.reveal() : value));
}

test("a file of the command line goes before the environment, which goes before the settings", () => {
  const project = projectWith({ tokens: { secretFile: "project" } });
  const environment = { ATOMIC_TOKEN: `${tokenOf("one")} ${tokenOf("two")}` };
  const file = join(directory, "option");
  expect(valuesOf(tokensOfService(file, project, environment))).toEqual([tokenOf("option")]);
  expect(valuesOf(tokensOfService(undefined, project, environment))).toEqual([
    tokenOf("one"),
    tokenOf("two"),
  ]);
  expect(valuesOf(tokensOfService(undefined, project, { ATOMIC_TOKEN: " " }))).toEqual([tokenOf("project")]);
});

test("settings may name a variable; without any there are none", () => {
  const project = projectWith({ tokens: { env: "MINE" } });
  expect(valuesOf(tokensOfService(undefined, project, { MINE: tokenOf("mine") }))).toEqual([tokenOf("mine")]);
  expect(tokensOfService(undefined, projectWith(), {})).toBeUndefined();
});

test("what is to hold tokens and does not is refused, never taken for none", () => {
  const refuse = (work: () => unknown, said: RegExp) => {
    expect(work).toThrow(said);
    expect(work).toThrow(expect.objectContaining({ code: "CONFIG" }));
  };
  refuse(() => tokensOfService(join(directory, "none"), projectWith(), {}), /cannot be used/);
  refuse(() => tokensOfService(undefined, projectWith({ tokens: { env: "MINE" } }), {}), /MINE/);
  refuse(
    () => tokensOfService(undefined, projectWith({ tokens: { secretFile: "none" } }), {}),
    /cannot be used/,
  );
  refuse(
    () => tokensOfService(undefined, projectWith(), { ATOMIC_TOKEN: "short-1" }),
    /^(?!.*short-1).*32 to 512/,
  );
});
