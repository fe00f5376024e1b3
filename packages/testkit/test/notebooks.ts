import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll } from "vitest"

/** A folder with one notebook of two notes, removed after the last test. */
export function useNotebooks(): string {
  const root = mkdtempSync(join(tmpdir(), "notes-"))
  mkdirSync(join(root, "diary"))
  for (const day of ["monday", "tuesday"]) writeFileSync(join(root, "diary", `${day}.txt`), `${day}\n`)
  afterAll(() => rmSync(root, { recursive: true }))
  return root
}

export const scripts = new URL("./notes/scripts", import.meta.url)
