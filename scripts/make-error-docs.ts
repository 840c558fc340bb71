/**
 * `node scripts/make-error-docs.ts [--check]`: makes `docs/errors.md` of the error catalogue and of the types of
 * `details`, so that the document says what the code does. With `--check` it compares instead of writing.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseSync } from "oxc-parser";
import { type CatalogEntry, errorCatalog } from "@atomic-agents/core";
import { root } from "./steps.ts";

const document = "docs/errors.md";
const detailsPath = "packages/core/src/errors/details.ts";
const issuesPath = "packages/contracts/src/issues.ts";

const text = render();
const path = join(root, document);
if (!process.argv.includes("--check")) {
  writeFileSync(path, text);
  console.log(`${document}: ${Object.keys(errorCatalog).length} codes written`);
} else if (existsSync(path) && readFileSync(path, "utf8") === text) {
  console.log(`${document} says what the catalogue says`);
} else {
  console.error(
    `${document} is not what the catalogue says: run \`node scripts/make-error-docs.ts\`, commit it.`,
  );
  process.exit(1);
}

function render(): string {
  const details = membersOf(detailsPath, "ErrorDetails");
  const entries: readonly (readonly [string, CatalogEntry])[] = Object.entries(errorCatalog);
  const codes = entries.map(([code]) => code);
  const unlike = [...details.keys()].filter((code) => !codes.includes(code));
  if (unlike.length > 0)
    throw new Error(`${detailsPath} has codes that are not in the catalogue: ${unlike.join()}`);
  const rows = entries.map(
    ([code, { httpStatus, retryable, meaning }]) =>
      `| [\`${code}\`](#${code.toLowerCase()}) | ${httpStatus} | ${retryable ? "yes" : "no"} | ${meaning} |`,
  );
  const sections = entries.map(([code, entry]) => sectionOf(code, entry, details.get(code)));
  return `# Errors

<!-- Made of the catalogue by \`node scripts/make-error-docs.ts\`; changes here are lost. -->

Every failure is an \`AtomicError\`: \`run\` rejects with it, \`tryRun\` and \`start\` give it as \`result.error\`. Its
\`code\` is one of those below and decides the type of \`details\`. Beside them it has \`message\`, \`hint\` (what to try),
\`agent\`, \`stage\`, \`runId\`, \`requestId\`, \`timestamp\`, \`retryable\`, \`disposition\` (what the failing stage's
\`onError\` said), \`cause\` (what was thrown) and, on errors that end a run, \`report\`.

| code | HTTP status | retryable | meaning |
|---|---|---|---|
${rows.join("\n")}

*Retryable* is what a retry policy asks unless it has a \`when\` of its own. An error may say otherwise of itself: the
deadline of a whole run is a \`TIMEOUT\` that is not retried, and a thrown \`Error\` with \`retryable: false\` is believed.

${sections.join("\n")}
## Parts of details

An \`Issue\` is one complaint about a value:

${typeBlock(membersOf(issuesPath, "Issue"))}
A \`Failure\` is one agent's failure among several:

${typeBlock(membersOf(detailsPath, "Failure"))}`;
}

function sectionOf(code: string, entry: CatalogEntry, details: Member | undefined): string {
  if (details === undefined) throw new Error(`${detailsPath} says nothing of ${code}`);
  return `## ${code}

${entry.meaning}

- **Cause**: ${entry.cause}
- **Fix**: ${entry.fix}
- **HTTP status**: ${entry.httpStatus}
- **Retryable**: ${entry.retryable ? "yes" : "no"}
- **details**: \`${details.type}\`
`;
}

interface Member {
  /** The type as it is written, on one line, without comments and \`readonly\`. */
  readonly type: string;
  readonly optional: boolean;
  /** The text of the doc block. */
  readonly comment: string | undefined;
}

function typeBlock(members: ReadonlyMap<string, Member>): string {
  const rows = [...members].map(
    ([name, { type, optional, comment = "" }]) =>
      `| \`${name}${optional ? "?" : ""}\` | \`${type}\` | ${comment} |`,
  );
  return `| field | type | |\n|---|---|---|\n${rows.join("\n")}\n`;
}

/** The members of an interface, as a module's source says them. */
function membersOf(modulePath: string, interfaceName: string): ReadonlyMap<string, Member> {
  const source = readFileSync(join(root, modulePath), "utf8");
  const { program, comments } = parseSync(modulePath, source);
  const members = new Map<string, Member>();
  for (const statement of program.body) {
    const declared = statement.type === "ExportNamedDeclaration" ? statement.declaration : undefined;
    if (declared?.type !== "TSInterfaceDeclaration" || declared.id.name !== interfaceName) continue;
    for (const member of declared.body.body) {
      if (member.type !== "TSPropertySignature" || member.key.type !== "Identifier") continue;
      const annotation = member.typeAnnotation?.typeAnnotation;
      if (annotation === undefined) continue;
      const before = comments.find(
        ({ end }) => /^\s*$/.test(source.slice(end, member.start)) && end <= member.start,
      );
      members.set(member.key.name, {
        type: onOneLine(source.slice(annotation.start, annotation.end)),
        optional: member.optional,
        comment: before?.value.replace(/^\*\s*/, "").trim(),
      });
    }
  }
  if (members.size === 0) throw new Error(`${modulePath} has no interface ${interfaceName} with members`);
  return members;
}

function onOneLine(type: string): string {
  return type
    .replaceAll(/\/\*[\s\S]*?\*\//g, "")
    .replaceAll("readonly ", "")
    .replaceAll(/\s+/g, " ")
    .replaceAll("; }", " }")
    .trim();
}
