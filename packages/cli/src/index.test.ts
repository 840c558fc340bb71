import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

/** The names in the export lists of a module, those of types marked so. */
function exportedNames(path: string): readonly string[] {
  const text = readFileSync(new URL(path, import.meta.url), "utf8");
  return [...text.matchAll(/export (?<allTypes>type )?\{(?<list>[^}]*)\}/g)]
    .flatMap(({ groups }) =>
      (groups?.["list"] ?? "")
        .split(",")
        .map((name) => name.trim())
        .filter((name) => name !== "")
        .map((name) => (groups?.["allTypes"] === undefined ? name : `type ${name}`)),
    )
    .sort((a, b) => (a < b ? -1 : 1));
}

it("exports what core exports, and nothing else", () => {
  const core = exportedNames("../../core/src/index.ts");
  expect(core).toContain("defineAgent");
  expect(core).toContain("type Agent");
  expect(exportedNames("./index.ts")).toEqual(core);
});

it("exports what http exports, under a subpath for each of its entries", () => {
  const http = exportedNames("../../http/src/index.ts");
  expect(http).toContain("serve");
  expect(exportedNames("./http.ts")).toEqual(http);
  const client = exportedNames("../../http/src/client/index.ts");
  expect(client).toContain("remoteAgent");
  expect(exportedNames("./http-client.ts")).toEqual(client);
});
