import { runCommand } from "./command.ts";

// Whoever read the output may be gone; the server is not for them.
process.stdout.on("error", () => undefined);
process.exitCode = await runCommand(process.argv.slice(2), process);
