/**
 * `node scripts/install-test-tools.ts`: installs the programs that some tests drive, where they are missing: Chromium
 * opens the page of a service, promtool reads its metrics, and curl calls it as its documents do. Without them those tests are left out, which all tests
 * must not be. Needs a Debian and its root to install anything.
 */
import { spawnSync } from "node:child_process";

/** Programs, and the packages of Debian that have them. */
const tools: readonly { readonly program: string; readonly package: string }[] = [
  { program: "chromium", package: "chromium" },
  { program: "promtool", package: "prometheus" },
  { program: "curl", package: "curl" },
];

const missing = tools.filter(({ program }) => !isHere(program));
if (missing.length === 0) {
  console.log(`${tools.map(({ program }) => program).join(", ")} are here; nothing is installed`);
} else {
  const names = missing.map((tool) => tool.package);
  const command = `apt-get install --yes --no-install-recommends ${names.join(" ")}`;
  const obstacle = whyNot();
  if (obstacle !== undefined) {
    console.error(`Missing: ${missing.map(({ program }) => program).join(", ")}. They cannot be installed from here:
${obstacle}. Install them yourself (on Debian, as root: ${command}), or run \`npm test\`, which leaves their tests out.`);
    process.exit(1);
  }
  console.log(
    `Missing: ${missing.map(({ program }) => program).join(", ")}. Installing Debian's ${names.join(", ")}.`,
  );
  run("apt-get", "update", "--quiet");
  run(...(command.split(" ") as [string, ...string[]]));
  const still = missing.filter(({ program }) => !isHere(program));
  if (still.length > 0) {
    console.error(`Installed, but still not here: ${still.map(({ program }) => program).join(", ")}`);
    process.exit(1);
  }
}

function isHere(program: string): boolean {
  return spawnSync(program, ["--version"], { stdio: "ignore", timeout: 30_000 }).status === 0;
}

function whyNot(): string | undefined {
  if (spawnSync("apt-get", ["--version"], { stdio: "ignore" }).status !== 0) return "there is no apt-get";
  return process.getuid?.() === 0 ? undefined : "apt-get needs root";
}

function run(program: string, ...args: readonly string[]): void {
  const { status, error } = spawnSync(program, args, {
    stdio: ["ignore", "inherit", "inherit"],
    // Nothing asks; and no service is started, as in a machine that has only just begun to start.
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" },
    timeout: 9 * 60_000,
  });
  if (status === 0) return;
  console.error(`${[program, ...args].join(" ")} failed: ${error?.message ?? `exit code ${status}`}`);
  process.exit(1);
}
