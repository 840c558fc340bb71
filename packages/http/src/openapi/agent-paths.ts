/** The path under which an agent is at a service, without what is done with it there. */
export function agentPath(name: string): string {
  // A name may be any text without a slash, half a surrogate pair included.
  return `/agents/${encodeURIComponent(name.toWellFormed())}`;
}
