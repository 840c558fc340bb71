import type { ResourceNeeds } from "@atomic-agents/project";

/** `512 MB, 1 core`. */
export function needsText({ memoryMb, cores }: ResourceNeeds): string {
  return `${memoryMb} MB, ${cores} ${cores === 1 ? "core" : "cores"}`;
}
