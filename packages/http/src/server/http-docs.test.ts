import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { resolveOptions } from "./options.ts";
import { routes } from "./routes.ts";

/** docs/http.md says what is so. */
const page = readFileSync(new URL("../../../../docs/http.md", import.meta.url), "utf8");

function section(title: string): string {
  const from = page.indexOf(`\n## ${title}\n`);
  return page.slice(from, page.indexOf("\n## ", from + 1));
}

test("the table of options has all of them, with their defaults", () => {
  const defaults: Readonly<Record<string, unknown>> = { ...resolveOptions({}) };
  const rows = [...section("Limits").matchAll(/^\| `(?<name>\w+)` \| (?<value>[^|]+) \|/gm)].map(
    ({ groups }) => [groups?.["name"] ?? "", groups?.["value"] ?? ""],
  );
  const source = readFileSync(new URL("options.ts", import.meta.url), "utf8");
  const names = [...source.matchAll(/^ {2}(?<name>\w+): true,$/gm)].map(
    ({ groups }) => groups?.["name"] ?? "",
  );
  expect(rows.map(([name]) => name).toSorted()).toEqual(names.toSorted());
  for (const [name = "", value] of rows) {
    const given = defaults[name];
    // Objects are told in words.
    if (typeof given !== "object") expect([name, value]).toEqual([name, String(given ?? "none")]);
  }
});

test("the table of routes has all of them, with what their tokens need", () => {
  const rows = [...section("Routes").matchAll(/^\| `(?<route>[A-Z]+ \S+)` \| `(?<scope>\w+)` \|/gm)].map(
    ({ groups }) => `${groups?.["route"]} ${groups?.["scope"]}`,
  );
  expect(rows).toEqual([...new Set(routes.map(({ method, path, scope }) => `${method} ${path} ${scope}`))]);
});
