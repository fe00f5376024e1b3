import { EngineError } from "../errors.ts"

const DATASET = /^[a-z0-9-]+(\/[a-z0-9-]+)*$/
const PART = /^[a-z0-9-]+$/
/** A name with its slashes replaced and a suffix must fit a file name of 255 bytes. */
const LONGEST = 200

/** @throws EngineError `invalid_request` unless it is lower-case letters, digits and dashes between slashes. */
export function checkDatasetName(name: string): void {
  if (DATASET.test(name) && name.length <= LONGEST) return
  throw new EngineError("invalid_request", `${JSON.stringify(name)} is not a dataset name.`, {
    action: `Use lower-case letters, digits and dashes between slashes, at most ${LONGEST} characters.`,
  })
}

/** @throws EngineError `invalid_request` unless it is lower-case letters, digits and dashes. */
export function checkPoolName(name: string): void {
  if (isNamePart(name) && name.length <= LONGEST) return
  throw new EngineError("invalid_request", `${JSON.stringify(name)} is not a pool name.`, {
    action: `Use lower-case letters, digits and dashes, at most ${LONGEST} characters.`,
  })
}

/** Whether it can stand between slashes. */
export const isNamePart = (part: string): boolean => PART.test(part)

/** The names a dataset stands below: `vdb` and `vdb/3k9x` for `vdb/3k9x/g2`, outermost first. */
export function ancestorsOf(name: string): string[] {
  const parts = name.split("/")
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join("/"))
}
