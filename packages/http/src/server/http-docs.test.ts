import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { resolveOptions } from "./options.ts";
import { routes } from "./routes.ts";

/** docs/http.md says what is so. */
const page = readFileSync(new URL("../../../../docs/http.md", import.meta.url), "utf8");

function section(title: string, text = page): string {
  const [, after = ""] = text.split(`\n## ${title}\n`);
  return after.split("\n## ", 1)[0] ?? "";
}

/** The keys of a table of options that are known, in a source. */
function knownIn(path: string): readonly string[] {
  const source = readFileSync(new URL(path, import.meta.url), "utf8");
  return [...source.matchAll(/^ {2}(?<name>\w+): true,$/gm)].map(({ groups }) => groups?.["name"] ?? "");
}

test("the table of options has all of them, with their defaults", () => {
  const isPlain = (value: unknown) => ["string", "number", "boolean", "undefined"].includes(typeof value);
  const defaults = Object.fromEntries(
    Object.entries(resolveOptions({})).map(([name, value]) => [
      name,
      isPlain(value) ? `${value ?? "none"}` : undefined,
    ]),
  );
  const rows = [...section("Limits").matchAll(/^\| `(?<name>\w+)` \| (?<value>[^|]+) \|/gm)].map(
    ({ groups }) => [groups?.["name"] ?? "", groups?.["value"] ?? ""],
  );
  expect(rows.map(([name]) => name).toSorted()).toEqual(knownIn("options.ts").toSorted());
  for (const [name = "", value] of rows) {
    // Objects are told in words.
    const given = name in defaults ? defaults[name] : "none";
    if (given !== undefined) expect([name, value]).toEqual([name, given]);
  }
});

test("the metrics that are named are those that are counted", () => {
  const families = readFileSync(new URL("../telemetry/prometheus-metrics.ts", import.meta.url), "utf8");
  const gauges = readFileSync(new URL("../telemetry/service-telemetry.ts", import.meta.url), "utf8");
  const namesIn = (text: string) => [...new Set(text.match(/\batomic_\w+/g))].toSorted();
  expect(namesIn(section("Metrics, log, traces"))).toEqual(namesIn(families + gauges));
});

test("the table of routes has all of them, with what their tokens need", () => {
  const rows = [...section("Routes").matchAll(/^\| `(?<route>[A-Z]+ \S+)` \| `(?<scope>\w+)` \|/gm)].map(
    ({ groups }) => `${groups?.["route"]} ${groups?.["scope"]}`,
  );
  expect(rows).toEqual([...new Set(routes.map(({ method, path, scope }) => `${method} ${path} ${scope}`))]);
});

test("the table of options of clients has all of them", () => {
  const client = readFileSync(new URL("../../../../docs/remote-agents.md", import.meta.url), "utf8");
  const rows = [...section("Options", client).matchAll(/^\| `(?<name>\w+)` \|/gm)];
  const known = ["agent", "expect", ...knownIn("../client/client-options.ts")];
  expect(rows.map(({ groups }) => groups?.["name"] ?? "").toSorted()).toEqual(known.toSorted());
});
