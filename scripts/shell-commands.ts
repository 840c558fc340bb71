/** The commands of a Markdown document: the lines of its ```sh blocks, without what is said of them after a `#`. */
export function shellCommands(markdown: string): readonly string[] {
  const blocks = markdown.matchAll(/^```sh\n(?<lines>[^]*?)^```$/gm);
  return [...blocks]
    .flatMap(({ groups }) => (groups?.["lines"] ?? "").split("\n"))
    .map((line) => line.replace(/\s+#.*$/, "").trim())
    .filter((line) => line !== "");
}
