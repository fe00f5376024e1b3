import { lstat, mkdir } from "node:fs/promises"
import { join } from "node:path"
import { EngineError } from "./errors.ts"

/**
 * A directory inside a dataset, made where it is absent. What is in a dataset came from elsewhere: a symbolic link on the way
 * could lead anywhere on this machine.
 * @param relative of ordinary names between slashes
 * @throws EngineError `path_unsafe`
 */
export async function directoryInside(root: string, relative: string): Promise<string> {
  let path = root
  for (const name of relative.split("/").filter((part) => part !== "" && part !== ".")) {
    if (name === "..") throw new EngineError("path_unsafe", `${relative} leads out of the dataset.`)
    path = join(path, name)
    await mkdir(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error
    })
    if (!(await lstat(path)).isDirectory()) throw new EngineError("path_unsafe", `${path.slice(root.length + 1)} in the dataset is no directory.`)
  }
  return path
}
