/** `node scripts/check-imports.ts`: packages import only from floors below, only what they declare, only public entries. */
import { importProblems } from "./import-rules.ts";
import { readWorkspace } from "./workspace.ts";

const workspace = readWorkspace();
const problems = importProblems(workspace);
for (const problem of problems) console.error(problem);
if (problems.length > 0) {
  console.error(`\n${problems.length} import${problems.length === 1 ? "" : "s"} against the rules.`);
  process.exit(1);
}
const files = workspace.packages.reduce((sum, { sources }) => sum + sources.size, workspace.others.size);
console.log(`${files} files of ${workspace.packages.length} packages import as they should`);
