/** Files that are dragged over a pane and dropped on it. */

import { useRef, useState } from "../../ui/view.js";

/** @param {DragEvent} event */
function hasFiles(event) {
  return Boolean(event.dataTransfer?.types.includes("Files"));
}

/**
 * @param {(files: File[]) => void} onFiles
 * @returns {{ isOver: boolean, handlers: Record<string, (event: DragEvent) => void> }}
 */
export function useDrop(onFiles) {
  const [isOver, setOver] = useState(false);
  // Entering a child is reported before the parent is left.
  const depth = useRef(0);

  /** @param {number} change */
  function move(change) {
    depth.current = Math.max(0, depth.current + change);
    setOver(depth.current > 0);
  }

  return {
    isOver,
    handlers: {
      onDragEnter: (event) => {
        if (hasFiles(event)) move(1);
      },
      onDragLeave: (event) => {
        if (hasFiles(event)) move(-1);
      },
      onDragOver: (event) => {
        if (hasFiles(event)) event.preventDefault();
      },
      onDrop: (event) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        move(-depth.current);
        onFiles([...event.dataTransfer?.files ?? []]);
      },
    },
  };
}
