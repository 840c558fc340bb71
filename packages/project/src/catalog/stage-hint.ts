import { stageNotes } from "./stage-notes.ts";

/** What to write where the name of a kind of stage stands for an agent; undefined for other names. */
export function stageHint(name: string): string | undefined {
  const note = Object.hasOwn(stageNotes, name) ? stageNotes[name] : undefined;
  if (note === undefined) return undefined;
  const [example] = note.example?.split("\n") ?? [];
  const such = example === undefined ? "" : `, such as ${example}`;
  return `It is a kind of stage of flow files${such}.`;
}
