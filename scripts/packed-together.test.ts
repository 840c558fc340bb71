import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { shellCommands } from "./shell-commands.ts";
import { readWorkspace } from "./workspace.ts";

it("the README packs each package together with those of ours that it needs", () => {
  const [command] = shellCommands(readFileSync("README.md", "utf8")).filter((line) =>
    line.startsWith("npm pack "),
  );
  const packed = new Set(Array.from(command?.matchAll(/-w (\S+)/g) ?? [], ([, name]) => name));
  expect(packed.size).toBeGreaterThan(0);
  const ours = new Map(readWorkspace().packages.map(({ manifest }) => [manifest.name, manifest]));
  for (const name of packed) {
    const needs = Object.keys(ours.get(name ?? "")?.dependencies ?? {}).filter((needed) => ours.has(needed));
    expect([...packed], `${name} needs them`).toEqual(expect.arrayContaining(needs));
  }
});
