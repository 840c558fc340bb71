/** `node scripts/check-files.ts`: what no compiler looks at: manifests, licences, the lock file, words left behind. */
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./steps.ts";
import { readWorkspace, type Workspace, type WorkspacePackage } from "./workspace.ts";

const workspace = readWorkspace();
const problems = [
  ...workspace.packages.flatMap((package_) => packageProblems(workspace, package_)),
  ...referenceProblems(
    "tsconfig.json",
    workspace.packages.map(({ folder }) => `packages/${folder}`),
  ),
  ...lockProblems(),
  ...leftBehind(),
];
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exit(1);
console.log(`${workspace.packages.length} manifests, the lock file and the texts are in order`);

function packageProblems({ packages, manifest: rootManifest }: Workspace, package_: WorkspacePackage) {
  const { folder, manifest } = package_;
  const found: string[] = [];
  const expect = (field: string, got: unknown, expected: unknown) => {
    if (got !== expected)
      found.push(`packages/${folder}/package.json: ${field} is ${text(got)}, expected ${text(expected)}`);
  };
  expect("license", manifest.license, rootManifest.license);
  expect("type", manifest.type, "module");
  expect("engines.node", manifest.engines?.["node"], ">=22.19");
  expect("version (one for all packages)", manifest.version, packages[0]?.manifest.version);
  expect("publishConfig.access", manifest.publishConfig?.access, "public");
  expect("description (given)", (manifest.description ?? "").length > 0, true);

  const inHouse = packages.filter((other) => manifest.dependencies?.[other.manifest.name] !== undefined);
  for (const other of inHouse) {
    const { name, version } = other.manifest;
    expect(`dependencies["${name}"]`, manifest.dependencies?.[name], version);
  }
  if (["contracts", "core"].includes(folder) && Object.keys(manifest.dependencies ?? {}).length > 2) {
    found.push(
      `packages/${folder}/package.json: more than two dependencies; every user of an agent installs them`,
    );
  }
  found.push(
    ...referenceProblems(
      `packages/${folder}/tsconfig.json`,
      inHouse.map((other) => `../${other.folder}`),
    ),
  );

  const licence = join(root, "packages", folder, "LICENSE");
  if (!existsSync(licence) || readFileSync(licence, "utf8") !== readFileSync(join(root, "LICENSE"), "utf8")) {
    found.push(
      `packages/${folder}/LICENSE: must be a copy of LICENSE, for npm packs only what is in the folder`,
    );
  }
  if (!existsSync(join(root, "packages", folder, "README.md"))) {
    found.push(`packages/${folder}/README.md: missing; it is the package's page on npm`);
  }
  return found;
}

/** `tsc -b` builds in the order of references: one missing fails only on a clean checkout. */
function referenceProblems(path: string, expected: readonly string[]): readonly string[] {
  // A tsconfig of ours holds plain JSON; one with comments fails here, loudly.
  const { references = [] } = JSON.parse(readFileSync(join(root, path), "utf8")) as {
    readonly references?: readonly { readonly path: string }[];
  };
  const got = references.map((reference) => reference.path);
  return [
    ...expected
      .filter((folder) => !got.includes(folder))
      .map((folder) => `${path}: no reference to ${folder}`),
    ...got
      .filter((folder) => !expected.includes(folder))
      .map((folder) => `${path}: refers to ${folder}, not a dependency`),
  ];
}

/** Addresses in a lock file tie it to one registry; npm finds packages by name and checks them by hash. */
function lockProblems(): readonly string[] {
  return globSync("{,bench/**/}package-lock.json", { cwd: root, exclude: isForeign }).flatMap((path) =>
    readFileSync(join(root, path), "utf8")
      .split("\n")
      .flatMap((line, index) =>
        /"resolved": "(?!packages\/|\.\.\/node_modules\/)/.test(line)
          ? [`${path}:${index + 1}: has a registry address: ${line.trim()}`]
          : [],
      ),
  );
}

function leftBehind(): readonly string[] {
  const word = /\b(TO[D]O|FIX[M]E)\b/; // The brackets keep this line from finding itself.
  const paths = globSync("**/*.{ts,js,json,md,yaml,yml,sh}", {
    cwd: root,
    exclude: isForeign,
  });
  return paths.flatMap((path) =>
    readFileSync(join(root, path), "utf8")
      .split("\n")
      .flatMap((line, index) =>
        word.test(line) ? [`${path}:${index + 1}: left to do: ${line.trim()}`] : [],
      ),
  );
}

/** Written by tools or by others. */
function isForeign(folderName: string): boolean {
  return ["node_modules", "dist", ".git", "out"].includes(folderName);
}

function text(value: unknown): string {
  return value === undefined ? "missing" : JSON.stringify(value);
}
