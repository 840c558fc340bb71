/** An event as a stream of server-sent events has it. The data are JSON, which has no line ends. */
export function eventText(name: string, json: string, id?: number): string {
  const idLine = id === undefined ? "" : `id: ${id}\n`;
  return `event: ${name}\n${idLine}data: ${json}\n\n`;
}

/** A line that readers of events skip. */
export const commentText = ":\n\n";
