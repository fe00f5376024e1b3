import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname } from "node:path"
import type { WireError } from "@veneer/sdk/call"
import { isObject } from "@veneer/sdk/values"

/** One thing that was asked of a host, and what came of it. */
export interface RecordedCall {
  operation: string
  method: string
  /** As it travelled, with names for what differs from run to run. */
  params: unknown
  /** Lines it wrote to the job's log. */
  log: string[]
  answer?: unknown
  error?: WireError
}

/** A recording, as its file holds it. */
export interface Recording {
  format: 1
  host: { name: string; address: string; user?: string }
  calls: RecordedCall[]
}

/** @throws saying how to make one */
export function readRecording(file: string): Recording {
  const how = "Record it on a machine that has what the plugin needs: VENEER_RECORD=1 npx vitest run"
  let found: unknown
  try {
    found = JSON.parse(readFileSync(file, "utf8"))
  } catch (error) {
    throw new Error(`There is no recording in ${file}. ${how}`, { cause: error })
  }
  if (!isRecording(found)) throw new Error(`${file} holds no recording of this version. ${how}`)
  return found
}

/** Written by {@link writeRecording}; whoever edits it answers for its inside. */
const isRecording = (found: unknown): found is Recording => isObject(found) && found["format"] === 1 && Array.isArray(found["calls"]) && isObject(found["host"])

/** Readable, so that a reviewer sees what changed. */
export function writeRecording(file: string, recording: Recording): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${JSON.stringify(recording, undefined, 2)}\n`)
}

/** Where two values first differ, as words: `/values/PORT was 5432 and is 5433`; undefined when they don't. */
export function firstDifference(recorded: unknown, asked: unknown, pointer = ""): string | undefined {
  if (typeof recorded !== "object" || typeof asked !== "object" || recorded === null || asked === null || Array.isArray(recorded) !== Array.isArray(asked)) {
    return Object.is(recorded, asked) ? undefined : `${pointer || "it"} was ${shown(recorded)} and is ${shown(asked)}`
  }
  const [before, after] = [new Map(Object.entries(recorded)), new Map(Object.entries(asked))]
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const found = firstDifference(before.get(key), after.get(key), `${pointer}/${key}`)
    if (found !== undefined) return found
  }
  return undefined
}

const SHOWN_LIMIT = 120

function shown(value: unknown): string {
  if (value === undefined) return "nothing"
  const text = JSON.stringify(value)
  return text.length > SHOWN_LIMIT ? `${text.slice(0, SHOWN_LIMIT)}…` : text
}
