import { readFileSync } from "node:fs";
import { arch, cpus, platform, release, totalmem } from "node:os";
import { findPackageJSON } from "node:module";

/** One line that says where the figures come from. */
export function machineLine(): string {
  const processors = cpus();
  const memoryGb = Math.round(totalmem() / 2 ** 30);
  return `${processors.length} × ${processors[0]?.model.trim() ?? "unknown CPU"}, ${memoryGb} GB, ${platform()} ${release()} ${arch()}, Node ${process.versions.node} (V8 ${process.versions.v8})`;
}

/** The installed version of a package as seen from a file of this folder, or `undefined` when it is not installed. */
export function versionOf(name: string, from: URL): string | undefined {
  try {
    const path = findPackageJSON(name, from);
    if (path === undefined) return undefined;
    const manifest = JSON.parse(readFileSync(path, "utf8")) as { readonly version?: string };
    return manifest.version;
  } catch {
    return undefined;
  }
}
