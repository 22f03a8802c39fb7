/** Where a file is dropped, or chosen by keyboard. */

import { type DragEvent, type ReactNode, useId, useState } from "react";

export function FileDrop({ children, onFile }: { children: ReactNode; onFile(file: File): void }) {
  const [over, setOver] = useState(false);
  const id = useId();
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const [file] = event.dataTransfer.files;
    if (file) onFile(file);
  };
  const drag = (inside: boolean) => (event: DragEvent) => {
    event.preventDefault();
    setOver(inside);
  };
  return (
    <div className={over ? "drop over" : "drop"} onDragOver={drag(true)} onDragLeave={drag(false)} onDrop={drop}>
      <label htmlFor={id}>{children}</label>
      <input
        id={id} type="file" accept=".contract,.json,.wasm"
        onChange={(event) => {
          const [file] = event.target.files ?? [];
          if (file) onFile(file);
          // So that the same file, corrected, can be chosen again.
          event.target.value = "";
        }}
      />
    </div>
  );
}
