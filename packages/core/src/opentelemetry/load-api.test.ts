import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, expect, test } from "vitest";

const packages = join(import.meta.dirname, "../../..");
const folder = mkdtempSync(join(tmpdir(), "atomic-core-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("without the API the entry can be imported, and says what to install when it is used", () => {
  cpSync(join(packages, "core/src"), join(folder, "src"), { recursive: true });
  mkdirSync(join(folder, "node_modules/@atomic-agents"), { recursive: true });
  symlinkSync(join(packages, "contracts"), join(folder, "node_modules/@atomic-agents/contracts"));
  const program = `
    const { openTelemetryTracer } = await import(${JSON.stringify(pathToFileURL(join(folder, "src/opentelemetry/index.ts")))});
    try {
      openTelemetryTracer();
    } catch ({ code, message, hint }) {
      console.log(JSON.stringify({ code, message, hint }));
    }`;
  const args = ["--conditions=@atomic-agents/source", "--input-type=module", "--eval", program];
  const env = { ...process.env, NODE_OPTIONS: "" };
  const printed = execFileSync(process.execPath, args, { cwd: folder, encoding: "utf8", env });
  expect(JSON.parse(printed)).toEqual({
    code: "CONFIG",
    message: "openTelemetryTracer needs the package @opentelemetry/api, which cannot be loaded",
    hint: "npm install @opentelemetry/api",
  });
});
