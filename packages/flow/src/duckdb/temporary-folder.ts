import { lstat, mkdtemp, readdir, readlink, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";

/** Where abandoned folders have been looked for: a folder of temporary files may hold thousands of others. */
const lookedThrough = new Set<string>();

/** Makes a folder for temporary files; the first time it removes those of processes that are gone, which were killed. */
export async function makeTemporaryFolder(base: string): Promise<string> {
  const where = await placeOfProcesses();
  if (!lookedThrough.has(base)) {
    lookedThrough.add(base);
    await removeAbandoned(base, where);
  }
  return mkdtemp(join(base, nameOf(where, process.pid)));
}

/** How the name of a folder begins. */
export function nameOf(where: string, processId: number): string {
  return `atomic-duckdb-${where}-${processId}-`;
}

/** Where the id of a process means this process: a computer, and there a container. */
export async function placeOfProcesses(): Promise<string> {
  const host = hostname().replace(/[^\w.]/g, "_");
  // Containers that share a folder may share the name of the computer, too. Only Linux has them.
  const space = await readlink("/proc/self/ns/pid").catch(() => "");
  return `${host}-${space.replace(/\D/g, "")}`;
}

async function removeAbandoned(base: string, where: string): Promise<void> {
  const prefix = nameOf(where, 0).slice(0, -"0-".length);
  for (const name of await readdir(base).catch(() => [])) {
    if (!name.startsWith(prefix)) continue;
    const [, processId] = /^(\d+)-\w+$/.exec(name.slice(prefix.length)) ?? [];
    if (processId === undefined || isAlive(Number(processId))) continue;
    const path = join(base, name);
    const stats = await lstat(path).catch(() => undefined);
    // In what is another's, links could be put while it is removed.
    if (stats?.isDirectory() !== true || stats.uid !== process.getuid?.()) continue;
    // What cannot be removed is in nobody's way.
    await rm(path, { recursive: true, force: true }).catch(() => {});
  }
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (thrown) {
    return !(thrown instanceof Error && "code" in thrown && thrown.code === "ESRCH");
  }
}
