/**
 * `node scripts/make-docs-page.ts [--check]`: makes one text of the files in `packages/http/page`, the page at `/docs`
 * of a service, and writes it as a module of `http`: so it is served from sources and from any bundle alike, without a
 * file to look for. With `--check` it compares instead of writing.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rolldown } from "rolldown";
import { root, toolPath } from "./steps.ts";

const folder = join(root, "packages/http/page");
const target = "packages/http/src/docs-page/page-text.ts";

const build = await rolldown({ input: join(folder, "main.ts"), platform: "browser" });
const { output } = await build.generate({ format: "esm", comments: { jsdoc: false, annotation: false } });
await build.close();

const text = `// Made of packages/http/page by \`node scripts/make-docs-page.ts\`; changes here are lost.

${textOf("pageHtml", readFileSync(join(folder, "page.html"), "utf8"))}
${textOf("pageStyle", readFileSync(join(folder, "page.css"), "utf8"))}
${textOf("pageScript", output[0].code.replaceAll(/^\/\/#.*\n/gm, ""))}`;

const module = execFileSync("biome", ["format", `--stdin-file-path=${target}`], {
  cwd: root,
  env: { ...process.env, PATH: toolPath() },
  input: text,
  encoding: "utf8",
});
const path = join(root, target);
if (!process.argv.includes("--check")) {
  writeFileSync(path, module);
  console.log(`${target}: ${module.length} characters written`);
} else if (existsSync(path) && readFileSync(path, "utf8") === module) {
  console.log(`${target} is what packages/http/page says`);
} else {
  console.error(
    `${target} is not what packages/http/page says: run \`node scripts/make-docs-page.ts\`, commit it.`,
  );
  process.exit(1);
}

/** Line by line, so that a change of the page is a change of those lines. */
function textOf(name: string, text: string): string {
  const lines = text
    .trimEnd()
    .split("\n")
    .map((line) => `  ${JSON.stringify(line)},\n`);
  return `export const ${name} = [\n${lines.join("")}].join("\\n");\n`;
}
