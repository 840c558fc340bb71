import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

/** Records which libraries are resolved while this package is imported, and while an agent of it runs. */
const program = `
  import { registerHooks } from "node:module";
  const heavy = [];
  registerHooks({
    resolve(specifier, context, next) {
      if (/^(wink-|eld)/.test(specifier)) heavy.push(specifier);
      return next(specifier, context);
    },
  });
  const { textProcessor, textAgents } = await import("@atomic-agents/text");
  const atImport = [...heavy];
  const content = "The buses are wonderful, and the drivers love them.";
  await Promise.all([1, 2, 3].map(() => textProcessor.run({ content, operation: "language" })));
  const afterLanguage = [...heavy];
  await Promise.all([1, 2, 3].map(() => textProcessor.run({ content, operation: "sentiment" })));
  console.log(JSON.stringify({ agents: textAgents.length, atImport, afterLanguage, afterSentiment: heavy }));
`;

it("loads no model until an agent needs it, and then each once", () => {
  const printed = execFileSync(
    process.execPath,
    ["--conditions=@atomic-agents/source", "--input-type=module", "--eval", program],
    { cwd: fileURLToPath(new URL("..", import.meta.url)), encoding: "utf8" },
  );
  expect(JSON.parse(printed)).toEqual({
    agents: 10,
    atImport: [],
    afterLanguage: ["eld/small"],
    afterSentiment: ["eld/small", "wink-nlp", "wink-eng-lite-web-model"],
  });
});
