import type { ChildOptions } from "./child.ts"

export type Output = "stdout" | "stderr"

/** What a process tells its fork server. */
export type ToForkServer =
  | { type: "start"; id: number; options: ChildOptions }
  /** Nobody reads the program's output any more. */
  | { type: "release"; id: number }

/** What it hears of a program, by the id it gave. */
export type FromForkServer =
  | { type: "started"; id: number; pid: number | undefined }
  | { type: "failed"; id: number; message: string; code: string | undefined }
  | { type: "data"; id: number; output: Output; chunk: Buffer }
  | { type: "end"; id: number; output: Output }
  | { type: "exited"; id: number; code: number | undefined }
