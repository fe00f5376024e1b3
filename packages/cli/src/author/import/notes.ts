/** Something of a foreign schema that does not carry over, or not as it was. */
export interface ImportNote {
  /** JSON pointer into the foreign file. */
  pointer: string
  /** What became of it, and why. */
  message: string
}

/** Gathers notes while a schema is converted. */
export class Notes {
  readonly all: ImportNote[] = []

  add(pointer: string, message: string): void {
    if (!this.all.some((note) => note.pointer === pointer && note.message === message)) this.all.push({ pointer, message })
  }
}
