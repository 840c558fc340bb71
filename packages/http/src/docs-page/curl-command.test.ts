import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { curlCommand } from "./curl-command.ts";

describe("curlCommand", () => {
  it("hands every text on as it is, whatever a shell would make of it", () => {
    const body = `{"a":"it's $HOME \`ls\` \\\\ \\"x\\" \\n ; rm -rf . é"}`;
    const url = "http://127.0.0.1:1/agents/a'b/execute";
    const command = curlCommand({
      url,
      headers: { "content-type": "application/json" },
      hasToken: true,
      body,
    });
    const printed = execFileSync(
      "sh",
      ["-c", `curl() { for each; do printf '%s\\n' "$each"; done; }\n${command}`],
      {
        encoding: "utf8",
        env: { ATOMIC_TOKEN: "t" },
      },
    );
    expect(printed.trimEnd().split("\n")).toEqual([
      url,
      "-H",
      "content-type: application/json",
      "-H",
      "authorization: Bearer t",
      "--data-raw",
      body,
    ]);
  });
});
