import { setFlagsFromString } from "node:v8";

/** The program `atomic`. Everything else is loaded after the version of Node.js is known to do. */
const oldest = { major: 22, minor: 19 };

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < oldest.major || (major === oldest.major && minor < oldest.minor)) {
  process.stderr.write(
    `atomic needs Node.js ${oldest.major}.${oldest.minor} or later; this is ${process.version}.\n`,
  );
  process.exit(2);
}
// `process.exit` waits for V8's threads. One that compiles may be waiting for a garbage collection, which never comes then: seen
// as processes that had done everything and did not end. So nothing is compiled beside the main thread but what is hot.
setFlagsFromString("--no-concurrent-sparkplug");
const { main } = await import("./main.ts");
// An agent or its module may have left timers and sockets open; nothing waits for those.
process.exit(await main(process.argv.slice(2)));
