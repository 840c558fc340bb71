import { describe, expect, it } from "vitest";
import { pathInRun, redriveFile, runIdMark, safeName } from "./run-file.ts";

describe("the file of a re-drive", () => {
  it.each([
    ["/p/out/tickets.jsonl", "/p/out/tickets.redrive-7.jsonl"],
    ["/p/out/tickets.csv.gz", "/p/out/tickets.redrive-7.csv.gz"],
    ["/p/out/a.b.jsonl.GZ", "/p/out/a.b.redrive-7.jsonl.GZ"],
    ["/p/out/tickets", "/p/out/tickets.redrive-7"],
    ["/p/out.d/.hidden", "/p/out.d/.hidden.redrive-7"],
    ["/p/out/name with spaces.v2.txt", "/p/out/name with spaces.v2.redrive-7.txt"],
  ])("lies beside %s", (file, wanted) => {
    expect(pathInRun(redriveFile(file), "7")).toBe(wanted);
  });
});

describe("a name in a path", () => {
  it("stays as it is where it leads nowhere else, and is another for each name", () => {
    expect(safeName("tickets-2.1_ä")).toBe("tickets-2.1_ä");
    const odd = ["../x", "..", ".", "", "a/b", "a\\b", "a:b", "a b", "a\0b", runIdMark, "x".repeat(300)];
    for (const name of odd) expect(safeName(name)).toMatch(/^[^./\\:\0<> ][^/\\:\0<> ]{0,120}$/);
    expect(new Set(odd.map(safeName)).size).toBe(odd.length);
    expect(pathInRun(`/p/${runIdMark}.jsonl`, "../../x")).toMatch(/^\/p\/-[^/]+\.jsonl$/);
  });
});
