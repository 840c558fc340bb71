/** `npm run verify`: every check that needs no run of the code. First failure stops it. */
import { runSteps } from "./steps.ts";

runSteps([
  // Before the build, which would say of a wrong import only what follows from it.
  {
    title: "imports",
    reason: "packages import only from floors below, and only what they declare",
    command: ["node", "scripts/check-imports.ts"],
  },
  { title: "build", reason: "the packages compile", command: ["node", "scripts/build.ts"] },
  {
    title: "types",
    reason: "tests, type tests, examples and scripts compile against the sources",
    command: ["tsc", "-p", "tsconfig.test.json"],
  },
  {
    title: "types of the page",
    reason: "what runs in a browser compiles against a browser's types",
    command: ["tsc", "-p", "packages/http/page"],
  },
  { title: "format", reason: "`npm run format` mends it", command: ["biome", "format", "."] },
  {
    title: "lint",
    reason: "no forgotten promise, no `any`, no dead condition",
    command: ["npm", "run", "--silent", "lint"],
  },
  {
    title: "exports",
    reason: "public names are those listed in api/; `npm run api:update` rewrites the lists",
    command: ["node", "scripts/check-exports.ts"],
  },
  {
    title: "unused",
    reason: "no export, file or dependency without a user",
    command: ["knip", "--no-config-hints"],
  },
  {
    title: "files",
    reason: "licences, manifests, lock file, nothing left to do",
    command: ["node", "scripts/check-files.ts"],
  },
  {
    title: "page",
    reason: "the page of a service is made of packages/http/page; `node scripts/make-docs-page.ts` writes it",
    command: ["node", "scripts/make-docs-page.ts", "--check"],
  },
  {
    title: "error docs",
    reason: "docs/errors.md says what the catalogue says",
    command: ["node", "scripts/make-error-docs.ts", "--check"],
  },
]);
