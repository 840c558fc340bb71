import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it, vi } from "vitest";
import { makeFolder } from "./atomic-process.ts";

// The commands of the page are run one after the other, on a computer that may be busy with other tests.
vi.setConfig({ testTimeout: 300_000 });

const page = readFileSync(join(import.meta.dirname, "../../docs/command-line.md"), "utf8");

/** The blocks of the page that are files, by their first line; which stays where it is a comment, for the numbers of lines. */
const files = Object.fromEntries(
  [...page.matchAll(/```\w+\n(?<head>(?:#|\/\/) file: (?<name>\S+)\n)(?<text>[^]*?)```/g)].map(
    ({ groups }) => {
      const { head = "", name = "", text = "" } = groups ?? {};
      return [name, name.endsWith(".jsonl") ? text : head + text];
    },
  ),
);

/** The commands of the page, each with what it is said to print. */
const commands = [...page.matchAll(/```console\n(?<session>[^]*?)```/g)].flatMap(({ groups }) =>
  (groups?.["session"] ?? "")
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      const [command = "", ...output] = part.split("\n");
      return { command, output: output.join("\n") };
    }),
);

const folder = makeFolder({ ...files, "out/.gitkeep": "" });
afterAll(() => folder.remove());

/** `…` stands for what differs, within a line; alone on a line for any number of them. */
function patternOf(output: string): RegExp {
  const escaped = output.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  return new RegExp(`^${escaped.replaceAll(/^…\n/gm, "(?:.*\\n)*?").replaceAll("…", ".+")}$`);
}

it("the page about the command line shows what the commands print", async () => {
  expect(commands.length).toBeGreaterThan(10);
  for (const { command, output } of commands) {
    const { stdout, stderr } = await folder.shell(`{ ${command}\n} 2>&1`);
    expect({ command, stderr }).toEqual({ command, stderr: "" });
    expect({ command, stdout }).toEqual({ command, stdout: expect.stringMatching(patternOf(output)) });
  }
});
