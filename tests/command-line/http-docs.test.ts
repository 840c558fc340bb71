import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it, vi } from "vitest";
import { makeFolder } from "./atomic-process.ts";

// The commands of the page are run one after the other, on a computer that may be busy with other tests.
vi.setConfig({ testTimeout: 300_000 });

const page = readFileSync(join(import.meta.dirname, "../../docs/http.md"), "utf8");
const program = join(import.meta.dirname, "../../packages/cli/src/bin.ts");
const nodeArgs = ["--no-warnings", "--conditions=@atomic-agents/source"];
/** Where the page has its services; here they are wherever there is room. */
const shownPlace = "127.0.0.1:3000";

const agents = /```ts\n\/\/ file: agents\.ts\n(?<code>[^]*?)```/.exec(page)?.groups?.["code"] ?? "";
const folder = makeFolder({ "agents.ts": agents });

const commands = [...page.matchAll(/```console\n(?<session>[^]*?)```/g)].flatMap(({ groups }) =>
  (groups?.["session"] ?? "")
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      const [command = "", ...output] = part.split("\n");
      return { command, output: output.join("\n") };
    }),
);

/** `…` stands for what differs, within a line; alone on a line for any number of them. */
function patternOf(output: string): RegExp {
  const escaped = output.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  return new RegExp(`^${escaped.replaceAll(/^…\n/gm, "(?:.*\\n)*?").replaceAll("…", ".+")}$`);
}

let service: ChildProcess | undefined;
let place = "";
afterAll(() => {
  service?.kill("SIGKILL");
  folder.remove();
});

/** Starts a service in the place of the one before; gives what it says. */
async function serve(args: readonly string[]): Promise<string> {
  await stop();
  const { ATOMIC_TOKEN: _, ...env } = process.env;
  const child = spawn(
    process.execPath,
    [...nodeArgs, program, ...args, "--port", "0", "--drain-delay", "0"],
    {
      cwd: folder.path,
      env: { ...env, NO_COLOR: "1" },
      stdio: ["ignore", "pipe", "ignore"],
    },
  );
  service = child;
  let said = "";
  child.stdout.on("data", (chunk) => (said += String(chunk)));
  await vi.waitUntil(() => /curl .*\n/.test(said) || child.exitCode !== null, { timeout: 60_000 });
  place = /http:\/\/(?<place>[\w.:]+)/.exec(said)?.groups?.["place"] ?? "";
  return said.replaceAll(place, shownPlace);
}

async function stop(): Promise<void> {
  if (service === undefined) return;
  const exited = once(service, "exit");
  service.kill("SIGTERM");
  expect(await exited).toEqual([0, null]);
}

function hasCurl(): boolean {
  try {
    // `%header{…}`, which the page uses, came with it.
    const [, major = 0, minor = 0] =
      /^curl (\d+)\.(\d+)/.exec(execFileSync("curl", ["--version"], { encoding: "utf8" })) ?? [];
    return Number(major) > 7 || (Number(major) === 7 && Number(minor) >= 84);
  } catch {
    return false;
  }
}

it.skipIf(!hasCurl())("the page about services shows what the commands print", async () => {
  expect(commands.length).toBeGreaterThan(12);
  for (const { command, output } of commands) {
    const [first, ...args] = command.split(" ");
    const isService = first === "atomic" && args[0] === "serve";
    const stdout = isService ? await serve(args) : await printed(command);
    expect({ command, stdout }).toEqual({ command, stdout: expect.stringMatching(patternOf(output)) });
  }
  await stop();
});

async function printed(command: string): Promise<string> {
  const { stdout, stderr } = await folder.shell(command.replaceAll(shownPlace, place));
  expect({ command, stderr }).toEqual({ command, stderr: "" });
  // An answer need not end with a line break, as what a page shows does.
  const shown = stdout.replaceAll(place, shownPlace);
  return shown === "" || shown.endsWith("\n") ? shown : `${shown}\n`;
}
