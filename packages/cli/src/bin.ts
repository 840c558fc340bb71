/** The program `atomic`. Everything else is loaded after the version of Node.js is known to do. */
const oldest = { major: 22, minor: 19 };

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < oldest.major || (major === oldest.major && minor < oldest.minor)) {
  process.stderr.write(
    `atomic needs Node.js ${oldest.major}.${oldest.minor} or later; this is ${process.version}.\n`,
  );
  process.exit(2);
}
const { main } = await import("./main.ts");
// An agent or its module may have left timers and sockets open; nothing waits for those.
process.exit(await main(process.argv.slice(2)));
