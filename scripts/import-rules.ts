/** The rules about imports, as a function from a workspace to its problems; `check-imports.ts` runs it. */
import { isBuiltin } from "node:module";
import { posix } from "node:path";
import { type ModuleImport, packageName, readModule, type SourceModule } from "./source-module.ts";
import { sourceEntries, type Workspace, type WorkspacePackage } from "./workspace.ts";

/** Floors of the house. A package imports only from floors below its own; the reason is part of the message. */
const floors: Readonly<Record<string, { readonly floor: number; readonly because: string }>> = {
  contracts: { floor: 1, because: "schemas must be comparable without agents" },
  core: { floor: 2, because: "pipelines must run without a model, a file or a server" },
  text: { floor: 3, because: "text agents must run without files or a server" },
  llm: { floor: 3, because: "a model must be askable without files or a server" },
  flow: { floor: 3, because: "records must flow without a model or a server" },
  http: { floor: 3, because: "an agent must be servable without a fleet or project files" },
  orchestrator: { floor: 4, because: "a fleet must run without project files" },
  project: { floor: 5, because: "project files must load without a command line" },
  cli: { floor: 6, because: "it is the roof" },
};

/** Stands beside the house: for tests, and for the command that tests agents. */
const testing = { folder: "testing", imports: ["contracts", "core", "flow"], importedBy: ["cli"] } as const;

/** What the two lowest packages load only from a subpath: each costs 12 to 24 ms at start. */
const lightPackages = ["contracts", "core"];
/** But for what is in the process already when a lazy import is reached: whoever made a schema has loaded its library. */
const fetchedLate: Readonly<Record<string, string>> = { contracts: "zod" };
const heavyLibrary = /^(zod|arktype|@ark\/.*|valibot|@valibot\/.*|ajv|ajv-.*|@opentelemetry\/.*)$/;

/** All imports and exports that break a rule, as `file:line: what, and why`. */
export function importProblems(workspace: Workspace): readonly string[] {
  return [
    ...workspace.packages.flatMap((package_) => packageProblems(workspace, package_)),
    ...outsideProblems(workspace),
  ];
}

function packageProblems(workspace: Workspace, package_: WorkspacePackage): readonly string[] {
  const { folder, manifest } = package_;
  const problems: string[] = [];
  const own = floors[folder];
  if (own === undefined && folder !== testing.folder) {
    return [`packages/${folder}: has no floor; give it one in scripts/import-rules.ts`];
  }
  const modules = new Map([...package_.sources].map(([path, text]) => [path, readModule(path, text)]));
  const report = (path: string, line: number, message: string) => {
    problems.push(`packages/${folder}/${path}:${line}: ${message}`);
  };
  const mainFiles = reachable(modules, sourceEntries(manifest).get("."), () => true);

  for (const [path, module] of modules) {
    const isTest = /\.(test|test-d|bench)\.ts$/.test(path);
    for (const { name, line } of module.exports) {
      if (name === "default")
        report(path, line, "exports a default; name it, so that every file calls it the same");
      if (name === "*") report(path, line, 'exports "*"; list the names, so that what is public is seen');
    }
    for (const { specifier, line, lazy } of module.imports) {
      const say = (message: string) => report(path, line, `imports "${specifier}"; ${message}`);
      if (specifier.startsWith(".")) {
        const target = posix.join(posix.dirname(path), specifier);
        if (!target.startsWith("src/")) say("leaves the package's src; import the public entry of a package");
        else if (!modules.has(target))
          say(`there is no ${target}; relative imports name the file with its .ts`);
        continue;
      }
      if (isBuiltin(specifier)) {
        if (!specifier.startsWith("node:")) say(`write "node:${specifier}", so that no package can stand in`);
        continue;
      }
      const name = packageName(specifier);
      const isHeavy = lightPackages.includes(folder) && heavyLibrary.test(name);
      const isThere = lazy && fetchedLate[folder] === name;
      if (!isTest && isHeavy && !isThere && mainFiles.has(path)) {
        say(`${folder} must start fast and run without ${name}: move it behind a subpath`);
      }
      const target = workspace.packages.find((candidate) => candidate.manifest.name === name);
      if (target === undefined) {
        if (!isDeclared(name, package_, workspace, isTest))
          say(`declare ${name} in packages/${folder}/package.json`);
        continue;
      }
      if (target === package_) {
        if (!isTest) say("a package imports its own files by relative path");
        continue;
      }
      const refusal = directionProblem(folder, target.folder, isTest);
      if (refusal !== undefined) say(refusal);
      else if (!isDeclared(name, package_, workspace, isTest)) {
        say(`declare ${name} in packages/${folder}/package.json`);
      }
      if (!isPublic(specifier, target))
        say(`is no public entry of ${name}; see "exports" in its package.json`);
    }
  }
  for (const cycle of importCycles(modules)) {
    problems.push(
      `packages/${folder}: ${cycle.join(" → ")}: import each other; move what both need to a third file`,
    );
  }
  return problems;
}

/** Examples, tests and scripts take packages as users do: by their public entries. */
function outsideProblems(workspace: Workspace): readonly string[] {
  return [...workspace.others].flatMap(([path, text]) =>
    readModule(path, text).imports.flatMap(({ specifier, line }) => {
      const say = (message: string) => [`${path}:${line}: imports "${specifier}"; ${message}`];
      if (specifier.startsWith(".")) {
        const target = posix.join(posix.dirname(path), specifier);
        return target.startsWith("packages/") ? say("import the package by its public entry") : [];
      }
      if (isBuiltin(specifier)) {
        return specifier.startsWith("node:") ? [] : say(`write "node:${specifier}"`);
      }
      const name = packageName(specifier);
      const target = workspace.packages.find((candidate) => candidate.manifest.name === name);
      if (target !== undefined) {
        return isPublic(specifier, target) ? [] : say(`is no public entry of ${name}`);
      }
      return hasDependency(workspace.manifest, name) ? [] : say(`declare ${name} in the root package.json`);
    }),
  );
}

/** Why `from` must not import `to`, or nothing. */
function directionProblem(from: string, to: string, isTest: boolean): string | undefined {
  if (to === testing.folder) {
    const allowed = isTest || testing.importedBy.some((folder) => folder === from);
    return allowed
      ? undefined
      : `${to} is for tests and for ${testing.importedBy.join(", ")}: nothing else may need it`;
  }
  if (from === testing.folder) {
    return testing.imports.some((folder) => folder === to)
      ? undefined
      : `${from} imports only ${testing.imports.join(", ")}: any package's tests may use it`;
  }
  const own = floors[from];
  const other = floors[to];
  if (own === undefined || other === undefined || other.floor < own.floor) return undefined;
  return `${from} (floor ${own.floor}) must not import ${to} (floor ${other.floor}): ${own.because}`;
}

function isDeclared(
  name: string,
  package_: WorkspacePackage,
  workspace: Workspace,
  isTest: boolean,
): boolean {
  const { dependencies, peerDependencies, optionalDependencies } = package_.manifest;
  if ([dependencies, peerDependencies, optionalDependencies].some((group) => group?.[name] !== undefined))
    return true;
  if (!isTest) return false;
  // The workspace's own packages are linked at the root, where any test finds them.
  return (
    workspace.packages.some((candidate) => candidate.manifest.name === name) ||
    hasDependency(package_.manifest, name) ||
    hasDependency(workspace.manifest, name)
  );
}

function hasDependency(manifest: Workspace["manifest"], name: string): boolean {
  return [manifest.dependencies, manifest.devDependencies].some((group) => group?.[name] !== undefined);
}

function isPublic(specifier: string, { manifest }: WorkspacePackage): boolean {
  const path = `.${specifier.slice(manifest.name.length)}`;
  return manifest.exports?.[path] !== undefined && manifest.exports[path] !== null;
}

type Modules = ReadonlyMap<string, SourceModule>;

/** The files an entry leads to, itself included. */
function reachable(modules: Modules, entry: string | undefined, follow: (import_: ModuleImport) => boolean) {
  const seen = new Set<string>();
  const queue = entry === undefined ? [] : [entry];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    queue.push(...neighbours(modules, path, follow));
  }
  return seen;
}

function neighbours(
  modules: Modules,
  path: string,
  follow: (import_: ModuleImport) => boolean,
): readonly string[] {
  return (modules.get(path)?.imports ?? [])
    .filter((import_) => import_.specifier.startsWith(".") && follow(import_))
    .map(({ specifier }) => posix.join(posix.dirname(path), specifier))
    .filter((target) => modules.has(target));
}

/** Files that load each other, each circle once, named from its first file; types alone make no circle. */
function importCycles(modules: Modules): readonly (readonly string[])[] {
  const loads = ({ typeOnly, lazy }: ModuleImport) => !typeOnly && !lazy;
  const done = new Set<string>();
  const cycles: string[][] = [];
  const walk = (path: string, trail: readonly string[]) => {
    const start = trail.indexOf(path);
    if (start >= 0) {
      cycles.push([...trail.slice(start), path]);
      return;
    }
    if (done.has(path)) return;
    for (const next of neighbours(modules, path, loads)) walk(next, [...trail, path]);
    done.add(path);
  };
  for (const path of modules.keys()) walk(path, []);
  return cycles;
}
