import { stat } from "node:fs/promises"
import { outputOf, type Run } from "../system/program.ts"

/**
 * Gives a directory and all in it to an owner; one that is theirs already is not walked. `chown` comes to the top
 * directory last, so one that was cut off is seen and done again.
 * @throws EngineError `not_permitted` when files would go to somebody else and the engine is not root
 */
export async function own(run: Run, path: string, owner: { uid: number; gid: number }): Promise<void> {
  const { uid, gid } = await stat(path)
  if (uid === owner.uid && gid === owner.gid) return
  await outputOf(run, ["chown", "-R", "--no-dereference", "--", `${owner.uid}:${owner.gid}`, path], "internal")
}
